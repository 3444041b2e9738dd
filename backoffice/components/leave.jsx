import { useEffect } from "react";

/** Loads another address from the server, once for each ticket: what a tab may show is told when its page loads. */
export function Go({ to, ticket }) {
  useEffect(() => {
    if (!to || sessionStorage.getItem("went") === ticket) return;
    sessionStorage.setItem("went", ticket);
    location.assign(to);
  }, [to, ticket]);
  return null;
}

/** Leaves the app for the same address on the server: pages such as sign-in are not part of the app. */
export function Leave() {
  useEffect(() => { location.replace(location.pathname + location.search); }, []);
  return null;
}
