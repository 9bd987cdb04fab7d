-- What AI did: the visits that assistants sent, the page views of AI crawlers.
--
-- kind is assistant where a person followed an assistant's link: these visits are in all of the other counts too. It
-- is crawler where the AI itself came, to learn, to index, or because somebody asked it just now (purpose): these page
-- views are bots' and in no other count but that of bots, and they are no visits.
--
-- :first_day date, by default 0001-01-01
-- :last_day date, by default 9999-12-31
WITH sent AS (
    SELECT site, source, visitor, page_views
    FROM sessions
    WHERE channel = 'ai_assistant' AND date BETWEEN :first_day AND :last_day
    UNION ALL
    SELECT site, source, visitor, 1 AS page_views
    FROM page_views
    WHERE channel = 'ai_assistant' AND visitor IS NULL AND date BETWEEN :first_day AND :last_day
)

SELECT
    site,
    'assistant' AS kind,
    source AS name,
    cast(NULL AS varchar) AS operator,
    cast(NULL AS varchar) AS purpose,
    count(visitor) AS visits,
    sum(page_views) AS page_views
FROM sent
GROUP BY site, source
UNION ALL
SELECT
    site,
    'crawler' AS kind,
    bot_name AS name,
    bot_operator AS operator,
    bot_purpose AS purpose,
    cast(NULL AS bigint) AS visits,
    count(*) AS page_views
FROM events_unique
WHERE
    filter_reason = 'bot'
    AND event = 'page_view'
    AND bot_purpose IN ('ai_training', 'ai_search', 'ai_assistant')
    AND date BETWEEN :first_day AND :last_day
GROUP BY site, bot_name, bot_operator, bot_purpose
ORDER BY site, kind, page_views DESC, name, operator, purpose
