/**
 * POST JSON to our own server; null when it is busy or only something in between answered, undefined when nobody did
 * `within` so many milliseconds.
 */
export async function post<T>(
  path: string,
  formToken: string,
  body: object = {},
  within = 15_000,
): Promise<T | null | undefined> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), within);
  try {
    const response = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-Form-Token": formToken },
      body: JSON.stringify(body),
      signal: stop.signal,
    });
    // Busy, stopping, or a proxy that cannot reach the server: not a verdict on what was asked.
    if (response.status >= 500 || response.status === 429) return null;
    return (await response.json()) as T;
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
