import { useEffect } from "react";

/** Loads another address from the server: what a tab knows of its session is told when its page loads. */
export function Go({ to }) {
  useEffect(() => { if (to) location.assign(to); }, [to]);
  return null;
}

/** Leaves the app for the same address on the server: pages such as sign-in are not part of the app. */
export function Leave() {
  useEffect(() => { location.replace(location.pathname + location.search); }, []);
  return null;
}
