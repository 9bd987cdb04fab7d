-- Visitors, visits, page views, bounces and engaged seconds of each site and day.
--
-- A visit is a run of page views by one visitor on one day without a pause of more than 30 minutes; one of a single
-- page view is a bounce. A page view without a visitor (network_userid is null: no salt, or visitor = "none") counts
-- as a page view and as nothing else: whose visit it belongs to cannot be known, so a day may have page views and 0
-- visitors. Nobody can be followed from one day to the next, hence the visitors of two days do not add up to the
-- visitors of both. engaged_seconds is how long the day's pages were in sight, even if that was after midnight.
--
-- :first_day date, by default 0001-01-01
-- :last_day date, by default 9999-12-31
WITH visits AS (
    SELECT
        site,
        date,
        visitor,
        session,
        count(*) AS page_views,
        sum(engaged_seconds) AS engaged_seconds
    FROM page_views
    WHERE date BETWEEN :first_day AND :last_day
    GROUP BY site, date, visitor, session  -- those without a visitor are one row a day
)

SELECT
    site,
    date,
    count(DISTINCT visitor) AS visitors,
    count(visitor) AS visits,
    sum(page_views) AS page_views,
    count_if(visitor IS NOT NULL AND page_views = 1) AS bounces,
    coalesce(sum(engaged_seconds), 0) AS engaged_seconds
FROM visits
GROUP BY site, date
ORDER BY site, date
