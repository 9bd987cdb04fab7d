"""The device's kind, by the words that real agents have in them."""

import pytest

from enrich.device_type import device_type

KINDS = [
    ("Computer", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36"),
    ("Computer", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.5 Safari/605.1.15"),
    ("Computer", "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36"),
    ("Computer", "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"),
    (
        "Computer",
        "Mozilla/5.0 (Windows NT 6.1; WOW64; Tablet PC 2.0; Trident/7.0; rv:11.0) like Gecko",
    ),  # a laptop's word
    ("Mobile", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148"),
    ("Mobile", "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36"),
    ("Mobile", "Mozilla/5.0 (Android 15; Mobile; rv:143.0) Gecko/143.0 Firefox/143.0"),
    ("Mobile", "Mozilla/5.0 (Linux; Android 14; Pixel 8; wv) Mobile Safari/537.36 Instagram 352.1 Android (34/14)"),
    ("Mobile", "Opera/9.80 (Android; Opera Mini/36.2.2254/119.132; U; id) Presto/2.12.423 Version/12.16"),
    ("Mobile", "Mozilla/5.0 (Windows Phone 10.0; Android 6.0.1; Microsoft; Lumia 950) Mobile Safari/537.36 Edge/15"),
    ("Mobile", "Nokia6230/2.0 (04.44) Profile/MIDP-2.0 Configuration/CLDC-1.1"),
    ("Tablet", "Mozilla/5.0 (iPad; CPU OS 12_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1"),
    ("Tablet", "Mozilla/5.0 (Linux; Android 13; SM-X200) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36"),
    ("Tablet", "Mozilla/5.0 (Android 15; Tablet; rv:143.0) Gecko/143.0 Firefox/143.0"),
    ("Tablet", "Mozilla/5.0 (Linux; Android 11; KFTRWI) AppleWebKit/537.36 Silk/118.2.1 like Chrome/118 Safari/537.36"),
    ("Tablet", "Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.2; ARM; Trident/6.0; Touch; RT)"),
    ("Computer", "Mozilla/5.0 (Windows NT 6.2; SMARTRT; Trident/6.0)"),
    (
        "Unknown",
        "Mozilla/5.0 (SMART-TV; Linux; Tizen 7.0) AppleWebKit/537.36 SamsungBrowser/4.0 Chrome/94 TV Safari/537.36",
    ),
    ("Unknown", "Mozilla/5.0 (Linux; Android 9; AFTSSS) AppleWebKit/537.36 Silk/118.2.1 like Chrome/118 Safari/537.36"),
    ("Unknown", "Mozilla/5.0 (PlayStation 5/SmartTV) AppleWebKit/605.1.15 Version/16 Safari/605.1.15"),
    ("Unknown", "curl/8.14.1"),
    ("Unknown", ""),
]


@pytest.mark.parametrize(("kind", "agent"), KINDS, ids=[agent or "nothing" for _, agent in KINDS])
def test_the_kind_is_what_the_words_tell(kind: str, agent: str) -> None:
    assert kind == device_type(agent)
