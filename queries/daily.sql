-- The sheet's daily line: who came, how long they stayed, how fast pages were.
--
-- sessions, visitors, page_views and bounces are what daily_overview counts; a session is a visit. Of the rest:
--   median_session_seconds  how long a session's pages were in sight; where no page told, from its first view to its last
--   pages_per_session       page views without a visitor, which are in no session, left out
--   load_time_ms            the median of how long it took until a page had loaded (PerformanceTiming and its successor)
--                           or its largest part was in sight (web_vital LCP); null where no event tells
--   latency_ms              the same until a page's first byte had come (TTFB)
--   events                  all that count, of whatever kind, page views among them
--   top_page, top_source    what had the most page views; who sent the most sessions, nobody (direct) left out
--   bots                    page views of bots, which are in no other count
--   bad_rows                lines that could not become events. They tell no site, hence they stand in a line of the
--                           site *, under the day that the raw object's name tells, in UTC
--
-- :first_day date, by default 0001-01-01
-- :last_day date, by default 9999-12-31
WITH told AS (
    SELECT
        site,
        date,
        event,
        filter_reason,
        CASE
            WHEN filter_reason IS NOT NULL THEN NULL
            WHEN event = 'page_view' THEN contexts
            WHEN event_vendor = 'com.firn-analytics' AND event_name = 'web_vital' THEN unstruct_event
        END AS timing
    FROM events_unique
    WHERE date BETWEEN :first_day AND :last_day
),

-- By pattern, for the reason that events_unique gives: moments in milliseconds, and a vital's value.
read AS (
    SELECT
        *,
        cast(nullif(regexp_extract(timing, '"navigationStart"\s*:\s*([0-9]{1,15})', 1), '') AS bigint) AS begun,
        cast(nullif(regexp_extract(timing, '"responseStart"\s*:\s*([0-9]{1,15})', 1), '') AS bigint) AS answered,
        cast(nullif(regexp_extract(timing, '"loadEventEnd"\s*:\s*([0-9]{1,15})', 1), '') AS bigint) AS loaded,
        cast(nullif(regexp_extract(timing, '"value"\s*:\s*([0-9]{1,15})', 1), '') AS bigint) AS vital,
        nullif(regexp_extract(timing, '"name"\s*:\s*"(LCP|TTFB)"', 1), '') AS vital_name
    FROM told
),

measured AS (
    SELECT
        site,
        date,
        event,
        filter_reason,
        CASE WHEN vital_name = 'LCP' THEN vital ELSE loaded - coalesce(begun, 0) END AS load_time,
        CASE WHEN vital_name = 'TTFB' THEN vital ELSE answered - coalesce(begun, 0) END AS latency
    FROM read
),

-- A visitor's clock may say anything: what took no time at all, or more than ten minutes, is not believed.
believed AS (
    SELECT
        site,
        date,
        event,
        filter_reason,
        CASE WHEN load_time BETWEEN 1 AND 600000 THEN load_time END AS load_time,
        CASE WHEN latency BETWEEN 1 AND 600000 THEN latency END AS latency
    FROM measured
),

-- A median is the middle one of the values in order, or the mean of the two in the middle.
placed AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY site, date ORDER BY load_time) AS load_time_place,
        count(load_time) OVER (PARTITION BY site, date) AS load_times,
        row_number() OVER (PARTITION BY site, date ORDER BY latency) AS latency_place,
        count(latency) OVER (PARTITION BY site, date) AS latencies
    FROM believed
),

-- A day on which nothing counts has a line for a site that the settings name, and none for what strangers made up.
days AS (
    SELECT
        site,
        date,
        cast(round(avg(load_time) FILTER (
            WHERE load_time_place IN ((load_times + 1) / 2, (load_times + 2) / 2)
        )) AS bigint) AS load_time_ms,
        cast(round(avg(latency) FILTER (
            WHERE latency_place IN ((latencies + 1) / 2, (latencies + 2) / 2)
        )) AS bigint) AS latency_ms,
        count_if(filter_reason IS NULL) AS events,
        count_if(filter_reason = 'bot' AND event = 'page_view') AS bots
    FROM placed
    GROUP BY site, date
    HAVING count_if(filter_reason IS NULL) > 0 OR site IN (SELECT site FROM sites)
),

viewed AS (
    SELECT site, date, visitor, session, session_view, page_urlpath, source, engaged_seconds, derived_tstamp
    FROM page_views
    WHERE date BETWEEN :first_day AND :last_day
),

visits AS (
    SELECT
        site,
        date,
        visitor,
        count(*) AS page_views,
        coalesce(
            sum(engaged_seconds),
            cast(floor(to_unixtime(max(derived_tstamp)) - to_unixtime(min(derived_tstamp))) AS bigint)
        ) AS seconds
    FROM viewed
    GROUP BY site, date, visitor, session  -- those without a visitor are one row a day
),

visits_placed AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY site, date ORDER BY visitor IS NULL, seconds) AS place,
        count(visitor) OVER (PARTITION BY site, date) AS sessions
    FROM visits
),

counted AS (
    SELECT
        site,
        date,
        count(visitor) AS sessions,
        count(DISTINCT visitor) AS visitors,
        sum(page_views) AS page_views,
        count_if(visitor IS NOT NULL AND page_views = 1) AS bounces,
        cast(round(avg(seconds) FILTER (
            WHERE visitor IS NOT NULL AND place IN ((sessions + 1) / 2, (sessions + 2) / 2)
        )) AS bigint) AS median_session_seconds,
        round(
            cast(sum(page_views) FILTER (WHERE visitor IS NOT NULL) AS double) / nullif(count(visitor), 0), 2
        ) AS pages_per_session
    FROM visits_placed
    GROUP BY site, date
),

-- The pages and the sources of a day in one list, each kind from the first on. A view without a visitor counts for the
-- source that it came from by itself, but after all that sessions came from.
ranked AS (
    SELECT
        site,
        date,
        kind,
        name,
        row_number() OVER (PARTITION BY site, date, kind ORDER BY count(visit) DESC, count(*) DESC, name) AS place
    FROM (
        SELECT site, date, 'page' AS kind, page_urlpath AS name, 1 AS visit
        FROM viewed
        UNION ALL
        SELECT site, date, 'source' AS kind, source AS name, session_view AS visit
        FROM viewed
        WHERE session_view = 1 OR visitor IS NULL
    ) AS named
    WHERE name IS NOT NULL
    GROUP BY site, date, kind, name
),

tops AS (
    SELECT
        site,
        date,
        max(name) FILTER (WHERE kind = 'page') AS top_page,
        max(name) FILTER (WHERE kind = 'source') AS top_source
    FROM ranked
    WHERE place = 1
    GROUP BY site, date
),

unread AS (
    SELECT
        coalesce(
            try_cast(nullif(regexp_extract(raw_object, '([0-9]{4}-[0-9]{2}-[0-9]{2})-[0-9]{2}\.', 1), '') AS date),
            date(etl_tstamp)
        ) AS date
    FROM bad_rows
)

SELECT
    days.date,
    days.site,
    coalesce(counted.sessions, 0) AS sessions,
    coalesce(counted.visitors, 0) AS visitors,
    coalesce(counted.page_views, 0) AS page_views,
    coalesce(counted.bounces, 0) AS bounces,
    counted.median_session_seconds,
    counted.pages_per_session,
    days.load_time_ms,
    days.latency_ms,
    days.events,
    tops.top_page,
    tops.top_source,
    days.bots,
    cast(NULL AS bigint) AS bad_rows
FROM days
LEFT JOIN counted ON counted.date = days.date AND counted.site IS NOT DISTINCT FROM days.site
LEFT JOIN tops ON tops.date = days.date AND tops.site IS NOT DISTINCT FROM days.site
UNION ALL
SELECT
    date,
    '*' AS site,
    cast(NULL AS bigint) AS sessions,
    cast(NULL AS bigint) AS visitors,
    cast(NULL AS bigint) AS page_views,
    cast(NULL AS bigint) AS bounces,
    cast(NULL AS bigint) AS median_session_seconds,
    cast(NULL AS double) AS pages_per_session,
    cast(NULL AS bigint) AS load_time_ms,
    cast(NULL AS bigint) AS latency_ms,
    cast(NULL AS bigint) AS events,
    cast(NULL AS varchar) AS top_page,
    cast(NULL AS varchar) AS top_source,
    cast(NULL AS bigint) AS bots,
    count(*) AS bad_rows
FROM unread
WHERE date BETWEEN :first_day AND :last_day
GROUP BY date
ORDER BY date, site
