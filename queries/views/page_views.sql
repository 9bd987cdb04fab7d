-- The page views that count: each once, and none that has a filter_reason.
--
-- All of the columns of events_unique, and:
--   engaged_seconds  how long the page was in sight, however late that was told; null where it never was
--   previous_tstamp  when the same visitor viewed a page before it, on the same day
--   session          which of the visitor's visits of that day it belongs to, from 1; null without a visitor. A visit
--                    ends with a pause of more than 30 minutes, and with the day
--   session_view     which page view of the visit it is, from 1; null without a visitor
--   source           who sent the visitor: the referrer's name, else the campaign's source, else the referrer's host;
--                    null where nobody did, or the site itself
WITH told AS (
    -- A page that is left tells how long it was in sight (page_leave), and several times if it is returned to: the
    -- sum counts, and of each no less than nothing and no more than a day. Should several page views have one id, the
    -- first one gets it all.
    SELECT
        *,
        CASE
            WHEN page_view_id IS NOT NULL AND row_number() OVER (
                PARTITION BY site, page_view_id, event
                ORDER BY derived_tstamp, raw_object, raw_line, event_id
            ) = 1
            THEN sum(
                greatest(0, least(86400, cast(nullif(regexp_extract(
                    unstruct_event, '"engaged_seconds"\s*:\s*(-?[0-9]{1,18})(\.[0-9]+)?\s*[,}]', 1
                ), '') AS bigint)))
            ) OVER (PARTITION BY site, page_view_id)
        END AS engaged_seconds,
        lag(derived_tstamp) OVER (
            PARTITION BY site, date, visitor, event
            ORDER BY derived_tstamp, raw_object, raw_line, event_id
        ) AS previous_tstamp
    FROM events_unique
    WHERE
        filter_reason IS NULL
        AND (event = 'page_view' OR (event_name = 'page_leave' AND event_vendor = 'com.firn-analytics'))
),

visited AS (
    SELECT
        *,
        CASE WHEN visitor IS NOT NULL THEN sum(
            CASE WHEN derived_tstamp - previous_tstamp <= interval '30' minute THEN 0 ELSE 1 END
        ) OVER (
            PARTITION BY site, date, visitor
            ORDER BY derived_tstamp, raw_object, raw_line, event_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) END AS session
    FROM told
    WHERE event = 'page_view'
)

SELECT
    *,
    CASE WHEN visitor IS NOT NULL THEN row_number() OVER (
        PARTITION BY site, date, visitor, session
        ORDER BY derived_tstamp, raw_object, raw_line, event_id
    ) END AS session_view,
    CASE
        WHEN channel = 'internal' THEN NULL
        -- ChatGPT marks its links, and names itself so even where it is no referrer.
        WHEN channel = 'ai_assistant' AND lower(mkt_source) = 'chatgpt.com' THEN 'ChatGPT'
        WHEN channel = 'ai_assistant' AND refr_medium IS DISTINCT FROM 'chatbot' THEN mkt_source
        ELSE coalesce(refr_source, mkt_source, refr_urlhost)
    END AS source
FROM visited
