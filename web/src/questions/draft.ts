// What somebody is typing, kept on the device letter by letter: a reload or a dead battery loses nothing.

export class Draft {
  constructor(private readonly key: string) {}

  read(): string {
    try {
      return localStorage.getItem(this.key) ?? "";
    } catch {
      return "";
    }
  }

  write(text: string): void {
    try {
      if (text) localStorage.setItem(this.key, text);
      else localStorage.removeItem(this.key);
    } catch {
      // no storage in this window: the text lives as long as the page
    }
  }
}
