-- Where visits came from: search engines, other sites, AI assistants, campaigns.
--
-- The first page view of a visit tells; source is null for direct ones. A visit that went on after a pause, or after
-- midnight, came from the site itself (channel internal) and is left out. A page view without a visitor counts where
-- it came from itself.
--
-- :first_day date, by default 0001-01-01
-- :last_day date, by default 9999-12-31
WITH origins AS (
    SELECT site, channel, source, visitor, page_views
    FROM sessions
    WHERE date BETWEEN :first_day AND :last_day
    UNION ALL
    SELECT site, channel, source, visitor, 1 AS page_views
    FROM page_views
    WHERE visitor IS NULL AND date BETWEEN :first_day AND :last_day
)

SELECT
    site,
    channel,
    source,
    count(DISTINCT visitor) AS visitors,
    count(visitor) AS visits,
    sum(page_views) AS page_views
FROM origins
WHERE channel IS DISTINCT FROM 'internal'
GROUP BY site, channel, source
ORDER BY site, visits DESC, page_views DESC, channel, source
