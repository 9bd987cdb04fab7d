-- The page views that count: each once, and none that has a filter_reason.
--
-- All of the columns of events_unique, and:
--   site     the app_id
--   date     the day on which the page was viewed (derived_tstamp), in the site's time zone; in UTC for a site that
--            the settings do not name
--   visitor  the network_userid: one visitor of one site on one day; null where nobody can be told apart
SELECT
    events_unique.*,
    events_unique.app_id AS site,
    date(at_timezone(with_timezone(derived_tstamp, 'UTC'), coalesce(sites.time_zone, 'UTC'))) AS date,
    network_userid AS visitor
FROM events_unique
LEFT JOIN sites ON sites.site = events_unique.app_id
WHERE filter_reason IS NULL AND event = 'page_view'
