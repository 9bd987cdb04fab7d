-- Which bots came, how many pages each viewed, and when it was last seen (UTC).
--
-- They are rows with the filter_reason bot, and in no other count.
--
-- :first_day date, by default 0001-01-01
-- :last_day date, by default 9999-12-31
SELECT
    site,
    bot_name,
    bot_operator,
    bot_purpose,
    count_if(event = 'page_view') AS page_views,
    max(derived_tstamp) AS last_seen
FROM events_unique
WHERE filter_reason = 'bot' AND date BETWEEN :first_day AND :last_day
GROUP BY site, bot_name, bot_operator, bot_purpose
ORDER BY site, page_views DESC, bot_name, bot_operator, bot_purpose
