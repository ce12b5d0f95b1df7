/** `make`, which is called again only for another argument than the last one. */
export function remembered<From, To>(make: (from: From) => To): (from: From) => To {
  let last: { readonly from: From; readonly to: To } | undefined;
  return (from) => {
    if (last === undefined || last.from !== from) {
      last = { from, to: make(from) };
    }
    return last.to;
  };
}
