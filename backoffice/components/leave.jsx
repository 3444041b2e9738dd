import { useEffect } from "react";

/** Leaves the app for the same address on the server: pages such as sign-in are not part of the app. */
export function Leave() {
  useEffect(() => { location.replace(location.pathname + location.search); }, []);
  return null;
}
