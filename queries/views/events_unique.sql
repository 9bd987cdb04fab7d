-- Each event once: of its copies, the one that was received first.
--
-- A tracker that got no answer sends an event again, and CloudFront may log a request twice. Copies have the same
-- event_id and the same event_fingerprint (no fingerprint equals no fingerprint); one event_id with two fingerprints
-- is two events. An event without an event_id is nobody's copy. All of the columns of events, and:
--   site          the app_id
--   date          the day on which it happened (derived_tstamp), in the site's time zone; in UTC for a site that the
--                 settings do not name
--   visitor       the network_userid: one visitor of one site on one day; null where nobody can be told apart
--   page_view_id  the page view that it belongs to: the id of the web_page entity among the contexts
--   copy          1, but for an event without an event_id
SELECT *
FROM (
    SELECT
        events.*,
        events.app_id AS site,
        date(at_timezone(with_timezone(derived_tstamp, 'UTC'), coalesce(sites.time_zone, 'UTC'))) AS date,
        network_userid AS visitor,
        -- By pattern, since strangers write the JSON, and engines do not agree on what of it they refuse. The schema
        -- stands before the data, or after it.
        coalesce(
            nullif(regexp_extract(
                contexts,
                '"iglu:com\.snowplowanalytics\.snowplow\\?/web_page\\?/[^"]*"\s*,\s*'
                || '"data"\s*:\s*\{[^{}]*"id"\s*:\s*"([^"\\]+)"',
                1
            ), ''),
            nullif(regexp_extract(
                contexts,
                '\{[^{}]*"id"\s*:\s*"([^"\\]+)"[^{}]*\}\s*,\s*'
                || '"schema"\s*:\s*"iglu:com\.snowplowanalytics\.snowplow\\?/web_page\\?/',
                1
            ), '')
        ) AS page_view_id,
        row_number() OVER (
            PARTITION BY event_id, event_fingerprint
            ORDER BY collector_tstamp, raw_object, raw_line
        ) AS copy
    FROM events
    LEFT JOIN sites ON sites.site = events.app_id
) AS numbered
WHERE copy = 1 OR event_id IS NULL
