/** Names and values side by side. */
export function Figures({ figures }: { figures: { name: string; value: string }[] }) {
  return (
    <dl className="mt-3 grid grid-cols-2 overflow-hidden rounded-card border border-line bg-surface sm:grid-cols-4">
      {figures.map(({ name, value }) => (
        <div key={name} className="-mr-px -mb-px min-w-0 border-r border-b border-line px-4 py-3">
          <dt className="text-sm text-soft first-letter:uppercase">{name}</dt>
          <dd className="text-lg font-semibold wrap-anywhere">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
