// Before the wire is up: a changed select sends its form. Links need no help.
document.addEventListener("change", (event) => {
  const form = event.target.closest && event.target.closest("form.go")
  if (form && !document.documentElement.dataset.wire) form.requestSubmit()
})
