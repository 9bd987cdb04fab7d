-- How many visitors, visits and page views each site had on each day.
--
-- A visit is a run of page views by one visitor on one day without a pause of more than 30 minutes. A page view
-- without a visitor (network_userid is null: no salt, or visitor = "none") counts as a page view and as nothing else:
-- whose visit it belongs to cannot be known, so a day may have page views and 0 visitors. Nobody can be followed from
-- one day to the next, hence the visitors of two days do not add up to the visitors of both.
WITH since_the_last AS (
    SELECT
        site,
        date,
        visitor,
        derived_tstamp - lag(derived_tstamp) OVER (
            PARTITION BY site, date, visitor
            ORDER BY derived_tstamp
        ) AS pause
    FROM page_views
)

SELECT
    site,
    date,
    count(DISTINCT visitor) AS visitors,
    count_if(visitor IS NOT NULL AND (pause IS NULL OR pause > interval '30' minute)) AS visits,
    count(*) AS page_views
FROM since_the_last
GROUP BY site, date
ORDER BY site, date
