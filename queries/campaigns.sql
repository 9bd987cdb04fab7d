-- Which campaigns brought visits.
--
-- A campaign is a link that was marked with utm_source, utm_medium or utm_campaign. The first page view of a visit
-- tells. A page view without a visitor counts for the link that it came by itself.
--
-- :first_day date, by default 0001-01-01
-- :last_day date, by default 9999-12-31
WITH origins AS (
    SELECT site, mkt_source, mkt_medium, mkt_campaign, visitor, page_views
    FROM sessions
    WHERE date BETWEEN :first_day AND :last_day
    UNION ALL
    SELECT site, mkt_source, mkt_medium, mkt_campaign, visitor, 1 AS page_views
    FROM page_views
    WHERE visitor IS NULL AND date BETWEEN :first_day AND :last_day
)

SELECT
    site,
    mkt_source,
    mkt_medium,
    mkt_campaign,
    count(DISTINCT visitor) AS visitors,
    count(visitor) AS visits,
    sum(page_views) AS page_views
FROM origins
WHERE coalesce(mkt_source, mkt_medium, mkt_campaign) IS NOT NULL
GROUP BY site, mkt_source, mkt_medium, mkt_campaign
ORDER BY site, visits DESC, page_views DESC, mkt_source, mkt_medium, mkt_campaign
