// Where the script of the widget came from.

let url = document.currentScript instanceof HTMLScriptElement ? document.currentScript.src : '';

/** The address of the script; empty if it is not known. */
export function scriptUrl(): string {
  return url;
}

/** For the ES module, which the browser runs without telling the script where it is. */
export function setScriptUrl(address: string): void {
  url = address;
}
