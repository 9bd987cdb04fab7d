"""`make deploy-dry` names what would be created, and asks nobody."""

import pytest

from infra import dry


def test_it_lists_each_resource_by_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    dry.main([])
    lines = capsys.readouterr().out.splitlines()
    assert "s3           Bucket                                     firn-dev-raw-123456789012" in lines
    assert "lambda       Function                                   firn-dev-enrich" in lines
    count = len([line for line in lines[:-1] if line])
    assert f"{count} resources would be created. Nobody was asked, and no account is needed for this." == lines[-1]


def test_keys_of_the_configuration_can_be_given(capsys: pytest.CaptureFixture[str]) -> None:
    dry.main(["domain=a.example.com", "zone=Z0123456789ABC"])
    assert "acm          Certificate                                a.example.com" in capsys.readouterr().out


def test_mistakes_are_told_in_place_of_a_list(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="firn:email: 'me' is not the address that alarms are mailed to"):
        dry.main(["email=me"])
    assert not capsys.readouterr().out


def test_settings_that_are_not_there_are_named() -> None:
    with pytest.raises(SystemExit, match="Cannot read the settings"):
        dry.main(["settings=missing.toml"])


def test_an_argument_without_a_value_is_refused() -> None:
    with pytest.raises(
        SystemExit, match=r"^Write KEY=VALUE, as in domain=analytics\.example\.com, and not 'domain'\.$"
    ):
        dry.main(["domain"])
