-- The visits, one row each: what was read, for how long, and where it came from.
--
-- A visit is a run of page views by one visitor of one site on one day without a pause of more than 30 minutes.
-- session counts a visitor's visits of that day from 1. Where the visit came from, and by what device, is what its
-- first page view says; after a pause that is often channel internal. A page view without a visitor is in no visit.
SELECT
    site,
    date,
    visitor,
    session,
    min(derived_tstamp) AS first_tstamp,
    max(derived_tstamp) AS last_tstamp,
    count(*) AS page_views,
    coalesce(sum(engaged_seconds), 0) AS engaged_seconds,
    max(page_urlpath) FILTER (WHERE session_view = 1) AS entry_page,
    max(page_urlpath) FILTER (WHERE views_to_come = 1) AS exit_page,
    max(channel) FILTER (WHERE session_view = 1) AS channel,
    max(source) FILTER (WHERE session_view = 1) AS source,
    max(mkt_source) FILTER (WHERE session_view = 1) AS mkt_source,
    max(mkt_medium) FILTER (WHERE session_view = 1) AS mkt_medium,
    max(mkt_campaign) FILTER (WHERE session_view = 1) AS mkt_campaign,
    max(geo_country) FILTER (WHERE session_view = 1) AS geo_country,
    max(dvce_type) FILTER (WHERE session_view = 1) AS dvce_type,
    max(os_family) FILTER (WHERE session_view = 1) AS os_family,
    max(br_family) FILTER (WHERE session_view = 1) AS br_family
FROM (
    SELECT
        *,
        row_number() OVER (PARTITION BY site, date, visitor, session ORDER BY session_view DESC) AS views_to_come
    FROM page_views
    WHERE visitor IS NOT NULL
) AS numbered
GROUP BY site, date, visitor, session
