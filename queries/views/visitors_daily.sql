-- The visitors of each site and day: how often each came, and how much was read.
--
-- A visitor is one for a day: nobody can be followed from one day to the next.
SELECT
    site,
    date,
    visitor,
    count(*) AS visits,
    sum(page_views) AS page_views,
    sum(engaged_seconds) AS engaged_seconds
FROM sessions
GROUP BY site, date, visitor
