// One cursor for all charts: the chosen time step, and the one that the pointer is over, counted from 0.

export function makeCursor(T = 0) {
  const state = { count: T, chosen: T ? 0 : -1, hovered: null }
  const changes = new Set()
  const shows = new Set()
  const cursor = {
    get: () => state.chosen,
    count: () => state.count,
    shown: () => state.hovered ?? state.chosen,
    onChange: (f) => listen(changes, f),
    onShow: (f) => listen(shows, f),
    set: (t) => settle(t, null),
    hover: (t) => settle(state.chosen, t === null ? null : within(t, state.count)),
    resize(T) {
      state.count = T
      settle(Math.max(state.chosen, 0), null)
    },
  }
  return cursor

  function settle(t, hovered) {
    const [chosen, shown] = [state.chosen, cursor.shown()]
    state.chosen = within(t, state.count)
    state.hovered = hovered
    if (cursor.shown() !== shown) for (const f of shows) f(cursor.shown())
    if (state.chosen !== chosen) for (const f of changes) f(state.chosen)
  }
}

function within(t, count) {
  return Math.max(Math.min(t, count - 1), count ? 0 : -1)
}

function listen(listeners, f) {
  listeners.add(f)
  return () => listeners.delete(f)
}
