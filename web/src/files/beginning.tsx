/** The first lines of a text. */
export function Beginning({ text }: { text: string }) {
  return (
    <section aria-labelledby="beginning" className="mt-10">
      <h2 id="beginning" className="text-lg font-semibold">
        First lines
      </h2>
      <section
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard
        tabIndex={0}
        aria-label="First lines, to be scrolled"
        className="mt-3 max-h-112 overflow-auto rounded-card border border-line bg-surface"
      >
        <pre className="px-4 py-3 font-mono text-sm [unicode-bidi:plaintext]">{text}</pre>
      </section>
    </section>
  );
}
