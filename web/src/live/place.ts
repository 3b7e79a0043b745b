// Where one can be: a session's live room, or its event.

export type Place = { session: string; event?: undefined } | { event: string; session?: undefined };

/** The place alone, as the server wants it named. */
export function placeOf(place: Place): { session: string } | { event: string } {
  return place.event === undefined ? { session: place.session } : { event: place.event };
}

/** One text for each place; a session's code, which has no slash, is its own. */
export function keyOf(place: Place): string {
  return place.event === undefined ? place.session : `/${place.event}`;
}
