-- Which pages were viewed, by how many, for how long, and where visits began.
--
-- page_title is the latest title of the page, entries the visits that began there.
--
-- :first_day date, by default 0001-01-01
-- :last_day date, by default 9999-12-31
WITH viewed AS (
    SELECT
        site,
        page_urlpath,
        page_title,
        visitor,
        session_view,
        engaged_seconds,
        row_number() OVER (
            PARTITION BY site, page_urlpath
            ORDER BY page_title IS NULL, derived_tstamp DESC, raw_object DESC, raw_line DESC, event_id DESC
        ) AS age
    FROM page_views
    WHERE date BETWEEN :first_day AND :last_day
)

SELECT
    site,
    page_urlpath,
    max(page_title) FILTER (WHERE age = 1) AS page_title,
    count(DISTINCT visitor) AS visitors,
    count(*) AS page_views,
    count_if(session_view = 1) AS entries,
    coalesce(sum(engaged_seconds), 0) AS engaged_seconds
FROM viewed
GROUP BY site, page_urlpath
ORDER BY site, page_views DESC, page_urlpath
