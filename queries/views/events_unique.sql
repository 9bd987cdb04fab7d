-- Each event once: of its copies, the one that was received first.
--
-- A tracker that got no answer sends an event again, and CloudFront may log a request twice. Copies have the same
-- event_id and the same event_fingerprint (no fingerprint equals no fingerprint); one event_id with two fingerprints
-- is two events. An event without an event_id is nobody's copy. All of the columns of events, and copy, which is 1.
SELECT *
FROM (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY event_id, event_fingerprint
            ORDER BY collector_tstamp, raw_object, raw_line
        ) AS copy
    FROM events
) AS numbered
WHERE copy = 1 OR event_id IS NULL
