-- What the visitors used: the kind of device, its system and the browser.
--
-- As the user agent says it.
--
-- :first_day date, by default 0001-01-01
-- :last_day date, by default 9999-12-31
SELECT
    site,
    dvce_type,
    os_family,
    br_family,
    count(DISTINCT visitor) AS visitors,
    count_if(session_view = 1) AS visits,
    count(*) AS page_views
FROM page_views
WHERE date BETWEEN :first_day AND :last_day
GROUP BY site, dvce_type, os_family, br_family
ORDER BY site, visits DESC, page_views DESC, dvce_type, os_family, br_family
