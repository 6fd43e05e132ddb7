/**
 * The residences on a map with streets, where the landlord has set any. The library is large: it is
 * fetched when somebody asks for it, and only then does the tile server see where one looks.
 */
import { announce, readStored, writeStored } from "./palier.js";

const KEPT = "map-streets"; // this browser last showed the streets
const NEAR = 40; // pixels within which residences are one mark
const TOTAL = ["open", "late", "danger"];

const settings = JSON.parse(document.getElementById("street-map-settings").textContent);
const stage = document.getElementById("street-map");
const drawing = document.getElementById("map-drawing");
const button = document.getElementById("map-streets");
const listLink = document.getElementById("map-list");
let map;

/** The value of a colour of tokens.css, in the light or dark that is shown now. */
function colour(name) {
  const probe = document.createElement("span");
  probe.style.color = `var(--${name})`;
  stage.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

/** Fetch the library, its style sheet and its worker, which runs as a blob: see background.py. */
async function library() {
  const sheet = document.createElement("link");
  sheet.rel = "stylesheet";
  sheet.href = settings.sheet;
  document.head.append(sheet);
  const [maplibre, worker] = await Promise.all([
    import(settings.library),
    fetch(settings.worker).then((answer) => answer.text()),
  ]);
  const code = new Blob([worker], { type: "text/javascript" });
  maplibre.setWorkerUrl(URL.createObjectURL(code));
  return maplibre;
}

function picturesOf(source) {
  return {
    version: 8,
    sources: { streets: { type: "raster", tileSize: 256, ...source } },
    layers: [{ id: "streets", type: "raster", source: "streets" }],
  };
}

/** The style of a PMTiles file: its pictures, or a plain drawing of its vector layers. */
async function styleOfFile(maplibre) {
  const { PMTiles, Protocol } = await import(settings.pmtiles);
  const address = new URL(settings.address, document.baseURI).href;
  const file = new PMTiles(address);
  const protocol = new Protocol();
  protocol.add(file);
  maplibre.addProtocol("pmtiles", protocol.tile);
  const header = await file.getHeader();
  const source = { url: `pmtiles://${address}`, attribution: settings.attribution };
  if (header.tileType !== 1) return picturesOf(source);
  const metadata = await file.getMetadata();
  return drawingOf(source, new Set((metadata.vector_layers || []).map((layer) => layer.id)));
}

/** Layers by what they are called in the schemas of Protomaps and of OpenMapTiles. */
function drawingOf(source, names) {
  const name = ["coalesce", ["get", "name:fr"], ["get", "name"]];
  const text = { "text-color": colour("ink-2"), "text-halo-color": colour("card") };
  const font = { "text-field": name, "text-font": ["sans-serif"] };
  const every = [
    ["landuse", "fill", { "fill-color": colour("sand"), "fill-opacity": 0.5 }],
    ["landcover", "fill", { "fill-color": colour("done-bg"), "fill-opacity": 0.5 }],
    ["park", "fill", { "fill-color": colour("done-bg") }],
    ["water", "fill", { "fill-color": colour("received-bg") }],
    ["buildings", "fill", { "fill-color": colour("rule") }],
    ["building", "fill", { "fill-color": colour("rule") }],
    ["roads", "line", { "line-color": colour("border"), "line-opacity": 0.6 }],
    ["transportation", "line", { "line-color": colour("border"), "line-opacity": 0.6 }],
    ["roads", "symbol", text, { ...font, "symbol-placement": "line", "text-size": 11 }],
    ["transportation_name", "symbol", text, { ...font, "symbol-placement": "line" }],
    ["places", "symbol", text, { ...font, "text-size": 14 }],
    ["place", "symbol", text, { ...font, "text-size": 14 }],
  ];
  const layers = every
    .filter(([layer]) => names.has(layer))
    .map(([layer, type, paint, layout = {}]) => ({
      id: `${layer}-${type}`,
      type,
      source: "streets",
      "source-layer": layer,
      paint,
      layout,
    }));
  const ground = { "background-color": colour("page") };
  return {
    version: 8,
    sources: { streets: { type: "vector", ...source } },
    layers: [{ id: "ground", type: "background", paint: ground }, ...layers],
  };
}

async function styleOf(maplibre) {
  if (settings.kind === "style") return settings.address;
  if (settings.kind === "file") return styleOfFile(maplibre);
  return picturesOf({
    tiles: [settings.address],
    maxzoom: settings.closest,
    attribution: settings.attribution,
  });
}

async function residences() {
  const answer = await fetch(settings.places);
  if (!answer.ok) throw new Error(answer.statusText);
  return answer.json();
}

/** Marks as in the drawing: filled for a danger, a thick rim for what is late, else thin. */
function addMarks(data) {
  const sums = TOTAL.map((name) => [name, ["+", ["get", name]]]);
  map.addSource("residences", {
    type: "geojson",
    data,
    cluster: true,
    clusterRadius: NEAR,
    clusterProperties: Object.fromEntries(sums),
  });
  const first = (danger, late, open, none) => [
    "case",
    [">", ["get", "danger"], 0],
    danger,
    [">", ["get", "late"], 0],
    late,
    [">", ["get", "open"], 0],
    open,
    none,
  ];
  const size = ["min", 26, ["+", 9, ["*", 2, ["sqrt", ["get", "open"]]]]];
  map.addLayer({
    id: "marks",
    type: "circle",
    source: "residences",
    paint: {
      "circle-radius": size,
      "circle-color": first(colour("brique"), colour("card"), colour("card"), colour("sand")),
      "circle-stroke-color": first(
        colour("brique"),
        colour("brique"),
        colour("canard"),
        colour("border"),
      ),
      "circle-stroke-width": first(2, 4, 2, 1),
    },
  });
  map.addLayer({
    id: "numbers",
    type: "symbol",
    source: "residences",
    filter: [">", ["get", "open"], 0],
    layout: {
      "text-field": ["to-string", ["get", "open"]],
      "text-font": ["sans-serif"],
      "text-size": 13,
      "text-allow-overlap": true,
    },
    paint: { "text-color": first(colour("card"), colour("ink"), colour("ink"), colour("ink")) },
  });
}

/** A name, what is open there in words, and the way to the residence's page. */
function popupOf(maplibre, feature) {
  const { name, href, open, late, danger } = feature.properties;
  const { words } = settings;
  const link = document.createElement("a");
  link.href = href;
  link.textContent = name;
  const said = document.createElement("p");
  const parts = [`${open} ${words.open}`, `${late} ${words.late}`];
  if (danger) parts.unshift(words.danger);
  said.textContent = parts.join(" · ");
  const body = document.createElement("div");
  body.append(link, said);
  return new maplibre.Popup({ locale: words, maxWidth: "16rem", focusAfterOpen: true })
    .setLngLat(feature.geometry.coordinates)
    .setDOMContent(body);
}

async function press(maplibre, event) {
  const [feature] = map.queryRenderedFeatures(event.point, { layers: ["marks"] });
  if (!feature) return;
  if (!feature.properties.cluster) {
    popupOf(maplibre, feature).addTo(map);
    return;
  }
  const zoom = await map
    .getSource("residences")
    .getClusterExpansionZoom(feature.properties.cluster_id);
  map.easeTo({ center: feature.geometry.coordinates, zoom: zoom + 0.5, animate: moves() });
}

function moves() {
  return !window.matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/** The link beside the map lists what the map shows: the address of the page says it. */
function follow() {
  const box = map.getBounds();
  const edges = [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()];
  listLink.href = settings.list + edges.map((edge) => edge.toFixed(5)).join(",");
  listLink.hidden = false;
}

/** Say once that the streets do not come; the residences do not need them. */
function watchFailures() {
  let said = false;
  const say = (text) => {
    if (!said) note(text);
    said = true;
  };
  map.on("error", () => say(settings.words.silent));
  document.addEventListener("securitypolicyviolation", (event) => {
    const { host } = new URL(event.blockedURI, document.baseURI);
    say(settings.words.refused.replace("%(host)s", host));
  });
  map.once("idle", () => !said && !settings.places && note(settings.words.works));
}

function note(text) {
  const place = document.getElementById("street-map-note");
  place.textContent = text;
  place.hidden = !text;
  announce(text);
}

async function draw() {
  const maplibre = await library();
  const [style, data] = await Promise.all([
    styleOf(maplibre),
    settings.places ? residences() : null,
  ]);
  stage.hidden = false;
  map = new maplibre.Map({
    container: stage,
    style,
    bounds: settings.box,
    fitBoundsOptions: { padding: 48, maxZoom: 16 },
    maxZoom: settings.closest + 1,
    dragRotate: false,
    pitchWithRotate: false,
    attributionControl: { compact: false, customAttribution: attribution() },
    locale: settings.words,
    cooperativeGestures: window.matchMedia("(pointer: coarse)").matches,
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new maplibre.NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new maplibre.ScaleControl({ maxWidth: 120 }));
  watchFailures();
  if (!data) return;
  map.once("load", () => addMarks(data));
  map.on("click", (event) => press(maplibre, event));
  map.on("moveend", follow);
}

/** A style names whose map it is by itself; sources of ours are given the landlord's words. */
function attribution() {
  return settings.kind === "style" ? settings.attribution || undefined : undefined;
}

async function show() {
  button.setAttribute("aria-busy", "true");
  try {
    if (!map) await draw();
    toggle(true);
  } catch {
    note(settings.words.broken);
    toggle(false);
  }
  button.removeAttribute("aria-busy");
}

function toggle(shown) {
  stage.hidden = !shown;
  drawing?.toggleAttribute("hidden", shown);
  button.setAttribute("aria-pressed", String(shown));
  if (shown) map.resize();
  if (!settings.places) return;
  writeStored(KEPT, shown ? "yes" : null);
  if (!shown) listLink.hidden = true;
}

button.hidden = false;
button.addEventListener("click", () => {
  if (button.getAttribute("aria-pressed") === "true") toggle(false);
  else show();
});
if (settings.places && readStored(KEPT) === "yes") show();
