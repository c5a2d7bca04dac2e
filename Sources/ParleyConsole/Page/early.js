// Runs before anything is drawn, so that a page that was told to be dark is never seen light.
try {
  const theme = localStorage.getItem("parley.theme")
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme
} catch {
  // No storage: as the system has it.
}
