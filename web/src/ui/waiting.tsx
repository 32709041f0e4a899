/** Shown while nothing is known yet; says so only after a moment, since most waits are shorter. */
export function Waiting({ label = "Loading" }: { label?: string }) {
  return (
    <div role="status" className="flex min-h-64 items-center justify-center text-soft">
      <span className="animate-[appear_300ms_400ms_both]">{label}…</span>
    </div>
  );
}

/** Room for a line that is still to come. */
export function Bone({ className }: { className: string }) {
  return <div aria-hidden="true" className={`animate-pulse rounded-md bg-sunken ${className}`} />;
}
