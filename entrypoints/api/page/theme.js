"use strict";
// A classic script in the head, so that the page is never painted in the other theme first.
(() => {
    const KEY = "actonce.theme";
    const NEXT = { auto: "dark", dark: "light", light: "auto" };
    const kept = () => {
        try {
            return localStorage.getItem(KEY);
        } catch {
            return null;
        }
    };
    const apply = (theme) => {
        document.documentElement.dataset.theme = theme;
        return theme;
    };
    const first = kept();
    apply(first in NEXT ? first : "auto");
    window.actonceTheme = {
        now: () => document.documentElement.dataset.theme,
        next: () => {
            const theme = apply(NEXT[document.documentElement.dataset.theme]);
            try {
                localStorage.setItem(KEY, theme);
            } catch {
                // A browser that keeps nothing still shows it.
            }
            return theme;
        },
    };
})();
