// The address is the state. A link or form inside the house is asked for over the wire and its page
// put in place; where the wire does not answer, the browser goes there by itself.
const PATIENCE = 6000 // ms until the browser goes there by itself
const QUIET = 300 // ms in which an answer needs no word

export function render({ model }) {
  const page = () => document.getElementById("page")
  const here = () => location.pathname + location.search
  let number = 0
  let waiting = null
  let shown = here()

  function known(url) {
    return url.origin === location.origin && model.paths.includes(url.pathname)
  }

  function ask(url, push) {
    if (waiting) settle()
    number += 1
    const address = url.pathname + url.search
    history.replaceState({ scroll: scrollY }, "")
    waiting = {
      number, address, push, mark: url.hash.slice(1),
      slow: setTimeout(() => busy(address), QUIET),
      lost: setTimeout(() => location.assign(url.href), PATIENCE),
    }
    model.send_msg({ number, address })
  }

  function settle() {
    clearTimeout(waiting.slow)
    clearTimeout(waiting.lost)
    page().removeAttribute("aria-busy")
    waiting = null
  }

  function busy(address) {
    page().setAttribute("aria-busy", "true")
    const said = new URLSearchParams(address.split("?")[1])
    const period = said.get("period") ? `, period ${said.get("period")}` : ""
    document.getElementById("says").textContent = `Reading ${said.get("date") || "the newest day"}${period}`
  }

  model.on("msg:custom", (event) => {
    const answer = event.data ?? event
    if (!waiting || answer.number !== waiting.number) return // an older question: its answer is stale
    const { address, push, mark, scroll } = waiting
    settle()
    const samePage = address.split("?")[0] === shown.split("?")[0]
    if (push && address !== here()) history.pushState(null, "", address)
    shown = address
    put(answer, samePage, mark, push ? null : scroll)
    document.documentElement.dataset.shown = address
  })

  function put(answer, samePage, mark, scroll) {
    const name = nameOf(document.activeElement)
    const open = [...page().querySelectorAll("details[id][open]")].map((one) => one.id)
    const top = scrollY
    page().innerHTML = answer.inner
    document.title = answer.title
    document.getElementById("says").textContent = answer.says
    for (const id of open) document.getElementById(id)?.setAttribute("open", "")
    age()
    again()
    const target = mark && document.getElementById(mark)
    const focused = name && [...page().querySelectorAll("a,select,button,summary,input")].find(
      (one) => nameOf(one) === name && one.getClientRects().length,
    )
    if (focused) focused.focus({ preventScroll: true })
    else if (!samePage) page().querySelector("h1")?.focus({ preventScroll: true })
    scrollTo(0, scroll ?? history.state?.scroll ?? (samePage ? top : 0))
    if (target) target.scrollIntoView({ block: "nearest" })
  }

  // What stays the same thing before and after: an id, a given name, or a label and the part it stands in.
  function nameOf(element) {
    if (!element || !page().contains(element)) return null
    const label = element.getAttribute("aria-label") || element.textContent
    return element.id || element.dataset.name || `${element.closest("[id]").id}: ${label}`
  }

  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    const link = event.target.closest("a[href]")
    const to = link && link.getAttribute("href")
    if (!to || to.startsWith("#") || link.getAttribute("target")) return
    const url = new URL(to, location.href)
    if (!known(url)) return
    event.preventDefault()
    ask(url, true)
  })

  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form.go")
    if (!form) return
    const url = new URL(form.action)
    const said = new FormData(form)
    url.search = new URLSearchParams(model.parts.filter((part) => said.get(part)).map((part) => [part, said.get(part)]))
    if (!known(url)) return
    event.preventDefault()
    ask(url, true)
  })

  document.addEventListener("change", (event) => event.target.closest("form.go")?.requestSubmit())

  addEventListener("popstate", (event) => {
    const url = new URL(location.href)
    if (!known(url) || (here() === shown && !waiting)) return // a jump inside the page, as of the skip link
    ask(url, false)
    waiting.scroll = event.state?.scroll
  })

  // Left and right: on a page with stages the stage before or after; on the verdict strip the next mark.
  document.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
    if (!step || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return
    if (event.target.closest("select,input,textarea,[contenteditable],.tw,.fx")) return
    const marks = event.target.closest("svg.c")?.querySelectorAll("a[href]")
    if (marks?.length) {
      const next = [...marks].indexOf(event.target.closest("a")) + step
      marks[Math.min(Math.max(next, 0), marks.length - 1)].focus()
      event.preventDefault()
      return
    }
    const strip = [...page().querySelectorAll(".steps a")]
    if (!strip.length) return
    const asked = waiting && strip.find((one) => one.getAttribute("href") === waiting.address)
    const now = strip.indexOf(asked || strip.find((one) => one.hasAttribute("aria-current")))
    const next = strip[now + step]
    event.preventDefault()
    if (!next) return
    next.focus({ preventScroll: true })
    ask(new URL(next.href), true)
  })

  // How old the data are, told anew while the page stands.
  function age() {
    for (const one of page().querySelectorAll("time.since")) {
      const minutes = Math.max(0, Math.floor((Date.now() - Date.parse(one.dateTime)) / 60000))
      const hours = Math.floor(minutes / 60)
      const days = Math.floor(hours / 24)
      if (days > 1) one.textContent = `${days} days`
      else if (hours) one.textContent = `${hours} h ${minutes % 60} min`
      else one.textContent = `${minutes} min`
    }
  }

  // A page that says that something runs is asked for again by itself, until it says so no more.
  function again() {
    const mark = page().querySelector("[data-again]")
    if (!mark) return
    setTimeout(() => {
      if (mark.isConnected && !waiting) ask(new URL(location.href), false)
    }, Number(mark.dataset.again))
  }

  history.scrollRestoration = "manual"
  setInterval(age, 30000)
  age()
  again()
  document.documentElement.dataset.wire = "up"
  const empty = document.createElement("span")
  return empty
}
