import type { Step } from "../live/stages.ts";
import { Icon } from "../ui/icons.tsx";

const DOTS = {
  done: "bg-accent text-accent-ink",
  now: "bg-accent-wash text-accent ring-2 ring-accent",
  ahead: "bg-line text-transparent",
  stopped: "bg-bad-wash text-bad ring-2 ring-bad",
};

/** Where a file is on its way, in one line. To those who listen, only where it is. */
export function StepLine({ steps }: { steps: Step[] }) {
  const now = steps.find((step) => step.standing === "now" || step.standing === "stopped");
  const done = steps.filter((step) => step.standing === "done").length;
  return (
    <div
      role="img"
      aria-label={
        now ? `Step ${done + 1} of ${steps.length}: ${now.doing ?? now.label}` : `All ${steps.length} steps done`
      }
      className="flex w-full items-center gap-1.5"
    >
      {steps.map((step, index) => (
        <div key={step.name} className={`flex items-center gap-1.5 ${index > 0 ? "flex-1" : ""}`}>
          {index > 0 && (
            <span
              className={`h-0.5 min-w-2 flex-1 rounded-full transition-colors duration-300 ${step.standing === "ahead" ? "bg-line" : "bg-accent"}`}
            />
          )}
          <span
            className={`flex size-4 items-center justify-center rounded-full transition-colors duration-300 ${DOTS[step.standing]} ${
              step.standing === "now" ? "animate-pulse" : ""
            }`}
          >
            {step.standing === "done" && <Icon name="check" className="size-3" />}
            {step.standing === "stopped" && <Icon name="close" className="size-2.5" />}
          </span>
          <span className={`hidden text-xs sm:inline ${step.standing === "ahead" ? "text-soft" : "text-ink"}`}>
            {step.label}
          </span>
        </div>
      ))}
    </div>
  );
}
