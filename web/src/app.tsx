export function App() {
  return (
    <main>
      <h1>Penstock</h1>
    </main>
  );
}
