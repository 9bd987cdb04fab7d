"""The protocol's table: which parameter fills which columns, and what kind of value it is.

Where several fill one column, the first that was sent counts. A few fill a column of their own name, for an enrichment
that weighs them against the log's own fields.
"""

from typing import NamedTuple

from pipeline.protocol.kinds import (
    BOOL,
    CONTEXTS,
    CONTEXTS_B64,
    DEC,
    DIM,
    EVENT,
    ID,
    INT,
    MONEY,
    MS,
    PLATFORM,
    TEXT,
    UNSTRUCT,
    UNSTRUCT_B64,
    URL,
    Kind,
)


class Parameter(NamedTuple):
    """A parameter's name, its kind, and the columns it fills."""

    name: str
    kind: Kind
    columns: tuple[str, ...]


PARAMETERS: tuple[Parameter, ...] = tuple(
    Parameter(name, kind, tuple(columns.split()))
    for name, kind, columns in (
        ("e", EVENT, "event"),
        ("p", PLATFORM, "platform"),
        ("aid", TEXT, "app_id"),
        ("tna", TEXT, "name_tracker"),
        ("tv", TEXT, "v_tracker"),
        ("cv", TEXT, "v_collector"),
        ("eid", ID, "event_id"),
        ("tid", INT, "txn_id"),
        ("dtm", MS, "dvce_created_tstamp"),
        ("stm", MS, "dvce_sent_tstamp"),
        ("ttm", MS, "true_tstamp"),
        ("uid", TEXT, "user_id"),
        ("duid", TEXT, "domain_userid"),
        ("sid", ID, "domain_sessionid"),
        ("vid", INT, "domain_sessionidx"),
        ("nuid", TEXT, "nuid"),
        ("tnuid", TEXT, "tnuid"),
        ("fp", TEXT, "user_fingerprint"),
        ("ip", TEXT, "ip"),
        ("ua", TEXT, "ua"),
        ("url", URL, "url"),
        ("page", TEXT, "page_title"),
        ("refr", URL, "page_referrer"),
        ("lang", TEXT, "br_lang"),
        ("cookie", BOOL, "br_cookies"),
        ("cd", TEXT, "br_colordepth"),
        ("cs", TEXT, "doc_charset"),
        ("tz", TEXT, "os_timezone"),
        ("res", DIM, "dvce_screenwidth dvce_screenheight"),
        ("vp", DIM, "br_viewwidth br_viewheight"),
        ("ds", DIM, "doc_width doc_height"),
        ("f_pdf", BOOL, "br_features_pdf"),
        ("f_fla", BOOL, "br_features_flash"),
        ("f_java", BOOL, "br_features_java"),
        ("f_dir", BOOL, "br_features_director"),
        ("f_qt", BOOL, "br_features_quicktime"),
        ("f_realp", BOOL, "br_features_realplayer"),
        ("f_wma", BOOL, "br_features_windowsmedia"),
        ("f_gears", BOOL, "br_features_gears"),
        ("f_ag", BOOL, "br_features_silverlight"),
        ("se_ca", TEXT, "se_category"),
        ("se_ac", TEXT, "se_action"),
        ("se_la", TEXT, "se_label"),
        ("se_pr", TEXT, "se_property"),
        ("se_va", DEC, "se_value"),
        ("ev_ca", TEXT, "se_category"),  # ev_* is the old spelling of se_*
        ("ev_ac", TEXT, "se_action"),
        ("ev_la", TEXT, "se_label"),
        ("ev_pr", TEXT, "se_property"),
        ("ev_va", DEC, "se_value"),
        ("tr_id", TEXT, "tr_orderid"),
        ("tr_af", TEXT, "tr_affiliation"),
        ("tr_tt", MONEY, "tr_total"),
        ("tr_tx", MONEY, "tr_tax"),
        ("tr_sh", MONEY, "tr_shipping"),
        ("tr_ci", TEXT, "tr_city"),
        ("tr_st", TEXT, "tr_state"),
        ("tr_co", TEXT, "tr_country"),
        ("tr_cu", TEXT, "tr_currency"),
        ("ti_id", TEXT, "ti_orderid"),
        ("ti_sk", TEXT, "ti_sku"),
        ("ti_nm", TEXT, "ti_name"),
        ("ti_na", TEXT, "ti_name"),
        ("ti_ca", TEXT, "ti_category"),
        ("ti_pr", MONEY, "ti_price"),
        ("ti_qu", INT, "ti_quantity"),
        ("ti_cu", TEXT, "ti_currency"),
        ("pp_mix", INT, "pp_xoffset_min"),
        ("pp_max", INT, "pp_xoffset_max"),
        ("pp_miy", INT, "pp_yoffset_min"),
        ("pp_may", INT, "pp_yoffset_max"),
        ("co", CONTEXTS, "contexts"),
        ("cx", CONTEXTS_B64, "contexts"),
        ("ue_pr", UNSTRUCT, "unstruct_event unstruct_event_schema"),
        ("ue_px", UNSTRUCT_B64, "unstruct_event unstruct_event_schema"),
    )
)
