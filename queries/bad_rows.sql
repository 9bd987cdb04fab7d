-- Why log lines could not become events, how many, and the start of one of them.
--
-- Of the days on which they were read, in UTC: a line that cannot be read tells no day and no site of its own.
--
-- :first_day date, by default 0001-01-01
-- :last_day date, by default 9999-12-31
SELECT
    reason,
    count(*) AS lines,
    min(substr(line, 1, 200)) AS example,
    max(etl_tstamp) AS last_seen
FROM bad_rows
WHERE date(etl_tstamp) BETWEEN :first_day AND :last_day
GROUP BY reason
ORDER BY lines DESC, reason
