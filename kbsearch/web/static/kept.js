// What a tab and a browser keep. They may forbid it, in a frame of another site above all: then a reload loses it.
const safely = (name) => ({
  get(key) {
    try { return window[name].getItem(key); } catch { return null; }
  },
  set(key, value) {
    try { window[name].setItem(key, value); } catch { /* full or forbidden: the page works on */ }
  },
  remove(key) {
    try { window[name].removeItem(key); } catch { /* nothing is kept */ }
  },
  clear() {
    try { window[name].clear(); } catch { /* nothing is kept */ }
  },
});

export const tab = safely("sessionStorage");
export const browser = safely("localStorage");
