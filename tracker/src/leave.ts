// In: the page's life as the browser tells it. Out: a call for each view of the page and for each time it is left.

export interface Leave {
  readonly engaged_seconds: number; // whole seconds in sight since the view began, or since the last leave
  readonly scroll_percent: number; // of the page's height, the furthest seen since the view began
}

interface Calls {
  readonly onView: () => void;
  readonly onLeave: (leave: Leave) => void;
}

/**
 * Calls onView now and whenever the browser brings the page back from its cache; calls onLeave when the page goes out
 * of sight. That is the last moment that all browsers tell a page of; `unload` and `beforeunload` would keep it out of
 * the cache, and `pagehide` alone comes too late in some. A visitor who returns to the tab leaves it once more.
 */
export function pageLeaves({ onView, onLeave }: Calls): void {
  let inSightSince: number | null = null;
  let scrolled = 0;

  const scroll = (): void => {
    scrolled = Math.max(scrolled, scrollPercent());
  };
  const appear = (): void => {
    inSightSince = document.visibilityState === 'visible' ? performance.now() : null;
  };
  const view = (): void => {
    scrolled = 0;
    scroll();
    appear();
    onView();
  };
  const leave = (): void => {
    if (inSightSince === null) {
      return; // hidden, then pagehide: told already
    }
    onLeave({ engaged_seconds: Math.round((performance.now() - inSightSince) / 1000), scroll_percent: scrolled });
    inSightSince = null;
  };

  addEventListener('scroll', scroll, { passive: true });
  addEventListener('pagehide', leave);
  addEventListener('pageshow', (event) => {
    if (event.persisted) {
      view();
    }
  });
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') {
      leave();
    } else {
      appear();
    }
  });
  view();
}

function scrollPercent(): number {
  const page = document.documentElement;
  return Math.min(100, Math.round(((scrollY + innerHeight) / page.scrollHeight) * 100));
}
