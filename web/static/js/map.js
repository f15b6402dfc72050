/** The map. The only module that knows Leaflet; the rest of the page speaks Features and ids. */

import { gravestOf } from "./danger.js";
import { t } from "./i18n.js";
import { clusterMark, isPointed, mark, markWords } from "./icons.js";
import { fittingLabels, labelsOf, largestBox } from "./labels.js";
import { covers } from "./ground.js";
import { drawnArea } from "./map/corners.js";
import { labelIcon, pickSign, pinIcon } from "./map/signs.js";
import { drawnView } from "./map/drawn.js";
import { landLayer } from "./map/land.js";
import { measuredLine } from "./map/measure.js";
import { frameNumbers, showNumbers } from "./map/numbers.js";
import { overlays } from "./map/overlays.js";
import { isStale, staleAge, staleWords } from "./stale.js";
import { OPEN_STATES, groupOf, stateOf } from "./words.js";

const JAPAN = [[30.5, 128.5], [45.6, 146]];
/** From this zoom on every uncertain place shows its area; before, only the chosen one does. */
const AREAS_ZOOM = 12;
const AREAS_SHOWN = 300;
const AREA_PIXELS = 14;
/** Adding one by one is quicker than rebuilding until about so many differ. */
const PIECEMEAL = 300;

const STATE_DASHES = new Map([["feared", "8 6"], ["hearsay", "2 6"]]);

/**
 * @param {object} options
 * @param {HTMLElement} options.root
 * @param {{tileUrl: string}} options.config
 * @param {(id: string) => void} options.onOpen
 * @param {(resized: boolean) => void} options.onMove resized: nobody moved the map, it has another size
 * @param {(cluster: any) => void} options.onPlace a cluster was pressed that no zoom takes apart
 * @param {() => number} options.now server's time: what is old looks old
 */
export function situationMap({ root, config, onOpen, onMove, onPlace, now }) {
  const L = /** @type {any} */ (globalThis).L;
  const canvas = L.canvas({ padding: 0.4 });
  const moving = !matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = L.map(root, {
    renderer: canvas, attributionControl: false, zoomControl: false, minZoom: 4, maxZoom: 18,
    zoomSnap: 0.5, worldCopyJump: false, keyboard: true,
    zoomAnimation: moving, fadeAnimation: moving, markerZoomAnimation: moving, inertia: moving,
  });
  L.control.zoom({ position: "topright", zoomInTitle: t("拡大"), zoomOutTitle: t("縮小") }).addTo(map);
  L.control.scale({ imperial: false, position: "bottomright" }).addTo(map);
  map.fitBounds(JAPAN);
  let touched = false;
  for (const event of ["pointerdown", "wheel", "keydown"]) {
    root.addEventListener(event, () => { touched = true; }, { once: true, capture: true, passive: true });
  }
  if (config.tileUrl) L.tileLayer(config.tileUrl, { maxZoom: 18, className: "tiles" }).addTo(map);

  const outline = L.layerGroup().addTo(map);
  const areas = L.layerGroup().addTo(map);
  const chosenArea = L.layerGroup().addTo(map);
  const labels = L.layerGroup().addTo(map);
  const numbers = L.layerGroup().addTo(map);
  const Pin = pinIcon(L);
  // The keyboard goes through the list, which says in words what a heap on the map holds.
  L.MarkerCluster.prototype.options.keyboard = false;
  const clusters = L.markerClusterGroup({
    iconCreateFunction: (/** @type {any} */ cluster) => new Pin({ build: () => clusterMark(contentOf(cluster, now())), size: 52 }),
    maxClusterRadius: 84, showCoverageOnHover: false, spiderLegPolylineOptions: { weight: 1.5, color: "#666" },
    animate: moving, removeOutsideVisibleBounds: true,
  }).addTo(map);
  /** @type {((lat: number, lon: number) => void)|null} while a place is pointed out, a press opens nothing */
  let onPick = null;
  const pressed = (/** @type {any} */ { latlng }) => onPick?.(latlng.lat, latlng.wrap().lng);
  map.on("click", pressed);
  clusters.on("click", (/** @type {any} */ event) => onPick ? pressed(event) : onOpen(event.layer.feature.id));

  /** @type {Map<string, any>} markers on the map by incident */
  const markers = new Map();
  const drawn = drawnView(L, map, { Pin, onPlace, picked: (event) => onPick !== null && (pressed(event), true) });
  /** @type {any[]} */
  let municipalityFeatures = [];
  /** @type {import("./labels.js").Label[]} */
  let places = [];
  let selected = "";
  let bordered = true;

  const colour = (/** @type {string} */ name) => getComputedStyle(root).getPropertyValue(name).trim();
  const land = landLayer(L, map, () => ({
    fill: config.tileUrl ? null : colour("--map-land"), border: bordered ? colour("--map-border") : null,
  }));
  const paintLabels = () => {
    const size = map.getSize();
    const project = (/** @type {any} */ { lat, lon }) => map.latLngToContainerPoint([lat, lon]);
    labels.clearLayers();
    for (const { label } of fittingLabels(places, map.getZoom(), project, { width: size.x, height: size.y })) {
      labels.addLayer(L.marker([label.lat, label.lon], { icon: labelIcon(L, label.name), interactive: false, keyboard: false, zIndexOffset: -10000 }));
    }
  };
  const areaOf = (/** @type {any} */ feature, /** @type {boolean} */ strong) => {
    const { properties } = feature;
    const state = stateOf(properties);
    const grey = state === "resolved" || state === "denied" || state === "rejected";
    const tint = colour(grey ? "--group-over" : `--group-${groupOf(properties.type)}`);
    const style = {
      color: tint, weight: strong ? 3 : 1.5, dashArray: STATE_DASHES.get(state), fillColor: tint,
      fillOpacity: strong ? 0.16 : 0.06, interactive: false,
    };
    if (properties.shape) return L.geoJSON(properties.shape, { style: () => ({ ...style, weight: strong ? 6 : 4 }), interactive: false });
    const [lon, lat] = feature.geometry.coordinates;
    return L.circle([lat, lon], { radius: properties.radius_m ?? 0, ...style });
  };
  const wide = (/** @type {any} */ feature) => {
    if (feature.properties.shape) return true;
    const [lon, lat] = feature.geometry.coordinates;
    const metresPerPixel = (156543 * Math.cos((lat * Math.PI) / 180)) / 2 ** map.getZoom();
    return Number.isFinite(lon) && (feature.properties.radius_m ?? 0) / metresPerPixel >= AREA_PIXELS;
  };
  const paintAreas = () => {
    areas.clearLayers();
    if (map.getZoom() < AREAS_ZOOM) return;
    const view = map.getBounds().pad(0.2);
    let drawn = 0;
    for (const marker of markers.values()) {
      if (drawn >= AREAS_SHOWN) break;
      if (!view.contains(marker.getLatLng()) || marker.feature.id === selected || !wide(marker.feature)) continue;
      areas.addLayer(areaOf(marker.feature, false));
      drawn += 1;
    }
  };
  const outlineOf = (/** @type {string} */ code) => {
    const found = municipalityFeatures.find((feature) => feature.properties.code === code);
    return found && L.geoJSON(found, {
      style: () => ({ color: colour("--focus"), weight: 4, fillOpacity: 0.1, fillColor: colour("--focus") }), interactive: false,
    });
  };
  const highlight = (/** @type {any|null} */ feature) => {
    chosenArea.clearLayers();
    outline.clearLayers();
    if (!feature) return null;
    if (feature.geometry) {
      const [lon, lat] = feature.geometry.coordinates;
      // Its own pin, so that the chosen one is seen even where a cluster has swallowed it.
      chosenArea.addLayer(L.marker([lat, lon], { icon: pinOf(feature), interactive: false, keyboard: false, zIndexOffset: 5000 }));
      return chosenArea.addLayer(areaOf(feature, true));
    }
    const polygon = outlineOf(feature.properties.municipality ?? "");
    return polygon ? outline.addLayer(polygon) : null;
  };
  let resizing = false;
  map.on("moveend", () => { paintLabels(); paintAreas(); onMove(resizing); });

  const markerOf = (/** @type {any} */ feature) => {
    const [lon, lat] = feature.geometry.coordinates;
    const marker = L.marker([lat, lon], { icon: pinOf(feature), keyboard: false, riseOnHover: true, zIndexOffset: feature.properties.urgent ? 1000 : 0 });
    marker.feature = feature;
    marker.age = staleAge(feature.properties, now());
    marker.on("mouseover", () => { if (feature.id !== selected) areas.addLayer(marker.area = areaOf(feature, true)); });
    marker.on("mouseout", () => { if (marker.area) areas.removeLayer(marker.area); });
    return marker;
  };
  const pinOf = (/** @type {any} */ feature) =>
    new Pin({ build: () => pinFor(feature), size: 40, pointed: isPointed(feature.properties) });
  const pinFor = (/** @type {any} */ feature) => {
    const node = mark(feature.properties, { pin: true, age: staleAge(feature.properties, now()) });
    node.title = [markWords(feature.properties), staleWords(feature.properties, now())].join(" ").trim();
    node.classList.toggle("is-selected", feature.id === selected);
    return node;
  };

  return {
    /** @param {any} collection municipality polygons */
    setBase(collection) {
      municipalityFeatures = collection.features;
      places = labelsOf(municipalityFeatures);
      land.set(municipalityFeatures);
      paintLabels();
    },
    /** @param {any[]} features all with a point, exactly what the map is to show */
    show(features) {
      const { added, removed } = difference(markers, features, markerOf, now());
      if (added.length + removed.length > PIECEMEAL && removed.length > markers.size / 2) {
        clusters.clearLayers();
        clusters.addLayers([...markers.values()]);
      } else {
        if (removed.length) clusters.removeLayers(removed);
        if (added.length) clusters.addLayers(added);
      }
      if (added.length + removed.length) paintAreas();
    },
    /**
     * What the server put together for this view, in place of `show`.
     * @param {{pins: any[], clusters: any[]}|null} view null: the page holds the incidents itself again
     */
    showView(view) {
      const { added, removed } = difference(markers, view?.pins ?? [], markerOf);
      clusters.clearLayers();
      for (const marker of removed) marker.remove();
      for (const marker of added) {
        marker.on("click", (/** @type {any} */ event) => onPick ? pressed(event) : onOpen(marker.feature.id));
        marker.addTo(map);
      }
      drawn.show(view?.clusters ?? []);
      if (added.length + removed.length) paintAreas();
    },
    /** @returns {import("./view.js").Bounds} degrees */
    bounds() {
      const box = map.getBounds();
      return { west: box.getWest(), south: box.getSouth(), east: box.getEast(), north: box.getNorth() };
    },
    zoom: () => map.getZoom(),
    overlays: overlays(L, map, colour),
    /** @returns {string} code of the municipality in the middle of the map, "" at sea */
    municipality() {
      const { lat, lng } = map.getCenter().wrap();
      return municipalityFeatures.find(({ geometry }) => covers(geometry, { lat, lon: lng }))?.properties.code ?? "";
    },
    /** @param {boolean} on */
    showBorders(on) {
      if (on === bordered) return;
      bordered = on;
      land.redraw();
    },
    /** @param {(points: {lat: number, lon: number}[]) => void} onChange */
    measuredLine: (onChange) => measuredLine(L, map, colour("--danger"), onChange),
    /** @param {any} options of map/corners.js */
    drawnArea: (options) => drawnArea(L, map, colour("--danger"), options),
    /** @param {number[]} box west, south, east, north */
    frameBox: ([west, south, east, north]) =>
      map.fitBounds([[south, west], [north, east]], { padding: [60, 60], maxZoom: 13, animate: false }),
    /** @param {any|null} feature @param {boolean} move whether the map goes there */
    select(feature, move) {
      const before = markers.get(selected);
      selected = feature?.id ?? "";
      before?.refreshIconOptions?.({}, true);
      highlight(feature);
      const marker = markers.get(selected);
      marker?.refreshIconOptions?.({}, true);
      paintAreas();
      if (!feature || !move) return;
      if (feature.geometry) goTo(map, feature);
      else fitMunicipality(map, municipalityFeatures, feature.properties.municipality);
    },
    /** @param {any|null} feature shown while the pointer is on its row */
    hover(feature) {
      if (selected === "") highlight(feature);
    },
    /** @param {any} feature @returns {boolean} whether its point lies in the view */
    holds: (feature) => {
      const [lon, lat] = feature.geometry.coordinates;
      return map.getBounds().contains([lat, lon]);
    },
    /** @param {any[]} features @returns {any[]} those with a point, the nearest to the middle of the view first */
    byDistance(features) {
      const centre = map.getCenter();
      const away = (/** @type {any} */ { geometry: { coordinates: [lon, lat] } }) => map.distance(centre, [lat, lon]);
      return features.filter((feature) => feature.geometry)
        .map((feature) => ({ feature, metres: away(feature) }))
        .sort((a, b) => a.metres - b.metres).map(({ feature }) => feature);
    },
    /** @param {any[]} features @param {string|null} municipality the officer's own */
    frame(features, municipality) {
      if (municipality && fitMunicipality(map, municipalityFeatures, municipality)) return;
      const points = features.filter((feature) => feature.geometry)
        .map(({ geometry: { coordinates: [lon, lat] } }) => [lat, lon]);
      if (points.length) map.fitBounds(points, { padding: [60, 60], maxZoom: 13, animate: false });
    },
    /**
     * Lets a place be pointed out: by a press, by moving its sign, or from outside by `set`.
     * @param {(lat: number, lon: number) => void} picked
     */
    pick(picked) {
      onPick = picked;
      root.classList.add("is-picking");
      const sign = pickSign(L, map, colour("--accent"), (/** @type {any} */ at) => pressed({ latlng: at }),
        (/** @type {any} */ feature) => goTo(map, feature));
      return {
        set: sign.set,
        centre: () => { const { lat, lng } = map.getCenter().wrap(); return { lat, lon: lng }; },
        stop() {
          onPick = null;
          root.classList.remove("is-picking");
          sign.remove();
        },
      };
    },
    /**
     * Shows places to choose from, each with its number, and brings them into view.
     * @param {{lat: number, lon: number, name: string}[]} places @param {(index: number) => void} onChoose
     */
    number(places, onChoose) {
      showNumbers(L, numbers, places, onChoose);
      frameNumbers(L, map, places);
    },
    /** @param {{lat: number, lon: number, radius_m: number}} place */
    goTo: ({ lat, lon, radius_m }) => goTo(map, { geometry: { coordinates: [lon, lat] }, properties: { radius_m } }),
    /** The container changed its size or came to light. */
    resized() {
      resizing = true;
      map.invalidateSize({ animate: false });
      resizing = false;
    },
    recolour() {
      land.redraw();
      paintAreas();
    },
    /** @returns {boolean} whether somebody works on it: then it leads the eye nowhere by itself */
    isTouched: () => touched,
    /** @returns {string} zoom/lat/lon for the address */
    view: () => {
      const { lat, lng } = map.getCenter();
      return `${map.getZoom()}/${lat.toFixed(4)}/${lng.toFixed(4)}`;
    },
    /** @param {string} words as `view` wrote it @returns {boolean} whether it could be understood */
    setView(words) {
      const [zoom, lat, lon] = words.split("/").map(Number);
      if (![zoom, lat, lon].every(Number.isFinite) || words.split("/").length !== 3) return false;
      map.setView([Math.max(-85, Math.min(85, lat)), lon], zoom, { animate: false });
      return true;
    },
  };
}

/** @param {any} cluster of leaflet.markercluster @param {number} now server's time */
function contentOf(cluster, now) {
  const features = cluster.getAllChildMarkers().map((/** @type {any} */ marker) => marker.feature);
  let urgent = 0;
  let drill = true;
  let stale = 0;
  for (const feature of features) {
    if (feature.properties.urgent && OPEN_STATES.includes(stateOf(feature.properties))) urgent += 1;
    if (!feature.properties.drill) drill = false;
    if (isStale(feature.properties, now)) stale += 1;
  }
  return { count: features.length, urgent, stale, drill, gravest: gravestOf(features).properties };
}

/**
 * Makes `markers` hold exactly `features`; an incident whose version or age changed gets a new marker.
 * @param {Map<string, any>} markers @param {any[]} features @param {(feature: any) => any} markerOf @param {number} now
 */
function difference(markers, features, markerOf, now) {
  const added = [];
  const removed = [];
  const wanted = new Set();
  for (const feature of features) {
    wanted.add(feature.id);
    const held = markers.get(feature.id);
    if (held && held.feature === feature && held.age === staleAge(feature.properties, now)) continue;
    if (held) removed.push(held);
    const marker = markerOf(feature);
    markers.set(feature.id, marker);
    added.push(marker);
  }
  for (const [id, marker] of markers) {
    if (wanted.has(id)) continue;
    removed.push(marker);
    markers.delete(id);
  }
  return { added, removed };
}

/** @param {any} map @param {any} feature */
function goTo(map, feature) {
  const [lon, lat] = feature.geometry.coordinates;
  const radius = Math.max(feature.properties.radius_m ?? 0, 150);
  // The area and its surroundings fill about a third of the view.
  const size = Math.min(map.getSize().x, map.getSize().y) / 6;
  const zoom = Math.log2((156543 * Math.cos((lat * Math.PI) / 180) * size) / radius);
  map.setView([lat, lon], Math.max(map.getZoom() > 15.5 ? 15.5 : 10, Math.min(15.5, Math.floor(zoom * 2) / 2)), { animate: false });
}

/** @param {any} map @param {any[]} features @param {string|null} code @returns {boolean} */
function fitMunicipality(map, features, code) {
  const found = features.find((feature) => feature.properties.code === code);
  if (!found) return false;
  const [west, south, east, north] = largestBox(found.geometry);
  map.fitBounds([[south, west], [north, east]], { padding: [30, 30], animate: false });
  return true;
}
