-- Which countries the visitors were in.
--
-- Two letters (ISO 3166-1), as CloudFront tells them by the address; null where it does not know.
--
-- :first_day date, by default 0001-01-01
-- :last_day date, by default 9999-12-31
SELECT
    site,
    geo_country,
    count(DISTINCT visitor) AS visitors,
    count_if(session_view = 1) AS visits,
    count(*) AS page_views
FROM page_views
WHERE date BETWEEN :first_day AND :last_day
GROUP BY site, geo_country
ORDER BY site, visits DESC, page_views DESC, geo_country
