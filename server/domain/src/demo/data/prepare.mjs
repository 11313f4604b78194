// Makes brands.tsv, streets.tsv and reference/data/zips.tsv from the published packages that the READMEs of both folders name.
// Usage: node prepare.mjs <name-suggestion-index> <zipcodes> <random_address>
// Each argument is the unpacked package's folder; the output goes beside this file.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const [nsi, zipcodes, addresses] = process.argv.slice(2).map((folder) => resolve(folder));

/** Brands that trade outside the United States only: how many of them are kept, and how many a category. */
const ABROAD = 2900;
const ABROAD_PER_CATEGORY = 90;

/** Names that give away what a member programme does not offer, whatever category they stand in. */
const UNSUITABLE =
  /tabac|tabak|tobac|cigar|\bsmoke(r|rs|s)?\b|\bvap(e|es|or|ing)\b|cannab|casino|\bguns?\b|\bammo|firearm|liquor|\bwines?\b|\bspirits\b|getr[äa]nke|\bbeers?\b|brewdog|poker|lott(o|ery)\b|\bpawn|payday|\bbet(ting)?\b|erotic|hooters|twin peaks|spencer's|reading room|алко|табак|пиво|вино/i;

/** Departments that large stores run beside their main business: never the first category of a brand that has others. */
const DEPARTMENTS = new Set([
  "auto-repair", "bakeries", "car-wash", "coffee", "convenience-stores", "eye-and-hearing-care", "fuel", "garden", "insurance",
  "mobile-and-internet", "pharmacies", "quick-bites", "tires", "travel-agencies",
]);

const table = (name) => {
  const [head, ...rows] = readFileSync(join(here, name), "utf8").trimEnd().split("\n");
  const columns = head.split("\t");
  return rows.map((row) => Object.fromEntries(row.split("\t").map((cell, i) => [columns[i], cell])));
};

const write = (name, columns, rows) => {
  for (const cell of rows.flat()) if (/[\t\r\n]/.test(cell)) throw new Error(`${name}: ${JSON.stringify(cell)}`);
  writeFileSync(join(here, name), [columns, ...rows].map((row) => row.join("\t") + "\n").join(""));
  console.log(`${name}: ${rows.length} rows`);
};

const json = (...path) => JSON.parse(readFileSync(join(...path), "utf8"));
const byText = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

/** Countries and US states out of a location set's names: `us`, `us-tx`, `001` (the world); `!` before what it leaves out. */
function countries({ include = [], exclude = [] }) {
  const code = (area) => {
    const name = String(area).replace(/\.geojson$/, "");
    const state = name.match(/^us-[a-z]{2}(?=-|$)/);
    return state ? state[0] : name.match(/^(?!us-)([a-z]{2}(?=-|$)|[0-9]{3}$)/)?.[0];
  };
  const codes = (areas) => [...new Set(areas.map(code).filter(Boolean))].sort();
  const within = codes(include);
  // What is left out of a part of a country abroad is no news here.
  const without = codes(exclude.filter((area) => !/^(?!us-)[a-z]{2}-/.test(area)));
  return [...within, ...without.filter((area) => !within.includes(area)).map((area) => "!" + area)];
}

const inUnitedStates = (areas) =>
  !areas.includes("!us") && areas.some((area) => ["us", "001", "003", "019", "021"].includes(area) || area.startsWith("us-"));

/** The script of a name, so that a sample of foreign names shows all of them. */
function script(name) {
  for (const kind of ["Han", "Hiragana", "Katakana", "Hangul", "Cyrillic", "Arabic", "Hebrew", "Georgian", "Greek", "Thai", "Bengali"])
    if (new RegExp(`\\p{Script=${kind}}`, "u").test(name)) return kind;
  return /[^\x00-\x7f]/.test(name) ? "Latin with marks" : "ASCII";
}

function brands() {
  const leaf = new Map();
  const order = new Map();
  for (const { slug, osm } of table("../../reference/data/categories.tsv")) {
    order.set(slug, order.size);
    for (const tag of (osm ?? "").split(" ").filter(Boolean)) {
      if (leaf.has(tag)) throw new Error(`${tag} is mapped twice`);
      leaf.set(tag, slug);
    }
  }
  const { nsi: index } = json(nsi, "dist/json/nsi.min.json");
  const { wikidata } = json(nsi, "dist/wikidata/wikidata.min.json");
  const { dissolved } = json(nsi, "dist/wikidata/dissolved.min.json");

  const found = new Map();
  for (const [path, { items }] of Object.entries(index)) {
    const [tree, key, value] = path.split("/");
    if (tree !== "brands") continue;
    for (const { id, displayName, tags, matchNames = [], locationSet } of items) {
      const tag = `${key}=${value}`;
      // The kitchen says more than "restaurant" does; bars and pubs are not mapped, whatever they cook.
      const serves = key === "amenity" && leaf.has(tag);
      const kitchens = serves ? (tags.cuisine ?? "").split(";").map((kitchen) => leaf.get(`cuisine=${kitchen}`)) : [];
      const category = kitchens.find(Boolean) ?? leaf.get(tag);
      // "Gino's Pizza (Canada)": the bracket tells namesakes apart in the index and is no part of the name.
      const name = displayName.replace(/\s*[(（][^)）]*[)）]\s*$/, "").trim();
      const areas = countries(locationSet);
      if (!category || dissolved[id] || areas.every((area) => area.startsWith("!"))) continue;
      if (UNSUITABLE.test([name, ...matchNames].join("\n"))) continue;
      const entity = tags["brand:wikidata"] ?? "";
      const website = wikidata[entity]?.officialWebsites?.[0] ?? "";
      const english = tags["brand:en"] ?? tags["name:en"] ?? "";
      const aliases = [english, ...matchNames].filter((alias) => alias && alias.toLowerCase() !== name.toLowerCase());
      const brand = { id, name, uses: [{ category, tag }], areas, website, entity, aliases };
      const same = `${name.toLowerCase()}\t${entity || id}`;
      const first = found.get(same);
      if (!first) found.set(same, brand);
      else if (inUnitedStates(first.areas) === inUnitedStates(areas)) {
        first.uses.push(...brand.uses);
        const both = [...new Set([...first.areas, ...areas])];
        first.areas = both.filter((area) => !both.includes(area.slice(1)));
        first.aliases.push(...aliases);
      } else if (inUnitedStates(areas)) found.set(same, brand);
    }
  }

  const rank = ({ category }) => order.get(category) + (DEPARTMENTS.has(category) ? order.size : 0);
  const all = [...found.values()];
  for (const brand of all) brand.uses.sort((a, b) => rank(a) - rank(b) || byText(a.tag, b.tag));
  // Namesakes in one category would look like a mistake; so would the department store's filling station that nobody knows more of.
  const taken = new Set();
  const isNew = (brand) => {
    const name = brand.name.toLowerCase();
    const same = `${name}\t${brand.uses[0].category}`;
    if (taken.has(same) || (!brand.website && taken.has(name))) return false;
    return taken.add(name).add(same);
  };
  all.sort((a, b) => (b.website ? 1 : 0) - (a.website ? 1 : 0) || byText(a.id, b.id));
  const kept = all.filter((brand) => inUnitedStates(brand.areas)).filter(isNew);

  // Of the others, those that can be looked up, script by script and category by category in turn.
  const groups = new Map();
  for (const brand of all) {
    if (inUnitedStates(brand.areas) || !brand.website || !brand.entity || !isNew(brand)) continue;
    const group = `${script(brand.name)}\t${brand.uses[0].category}`;
    groups.set(group, [...(groups.get(group) ?? []), brand]);
  }
  const perCategory = new Map();
  const abroad = [];
  for (let round = 0, more = true; more && abroad.length < ABROAD; round++) {
    more = false;
    for (const group of [...groups.keys()].sort(byText)) {
      const brand = groups.get(group)[round];
      if (!brand || abroad.length >= ABROAD) continue;
      more = true;
      const count = perCategory.get(brand.uses[0].category) ?? 0;
      if (count >= ABROAD_PER_CATEGORY) continue;
      perCategory.set(brand.uses[0].category, count + 1);
      abroad.push(brand);
    }
  }

  const unique = (list) => [...new Set(list)];
  const rows = [...kept, ...abroad].sort((a, b) => byText(a.id, b.id)).map((brand) => [
    brand.id,
    brand.name,
    unique(brand.uses.map((use) => use.category)).join(","),
    unique(brand.uses.map((use) => use.tag)).join(","),
    brand.areas.join("|"),
    brand.website,
    brand.entity,
    unique(brand.aliases.map((alias) => alias.replace(/\s+/g, " ").trim())).join("|"),
  ]);
  write("brands.tsv", ["id", "name", "categories", "osm", "countries", "website", "wikidata", "aliases"], rows);
}

const radians = (degrees) => (degrees * Math.PI) / 180;

/** Kilometres between two points, on a sphere. */
function distance(a, b) {
  const half = (x) => Math.sin(radians(x) / 2) ** 2;
  const h = half(b.lat - a.lat) + Math.cos(radians(a.lat)) * Math.cos(radians(b.lat)) * half(b.lon - a.lon);
  return 12742 * Math.asin(Math.sqrt(h));
}

/** Wake Island is far from everything, Hawaii included, and its centroid is right. */
const REMOTE = new Set(["96898"]);

function zips() {
  const { codes } = createRequire(import.meta.url)(join(zipcodes, "lib/codes.js"));
  const all = Object.values(codes)
    .filter((zip) => zip.country === "US" && !["AA", "AE", "AP"].includes(zip.state) && (zip.latitude || zip.longitude))
    .map(({ zip, latitude, longitude, city, state }) => ({ zip, lat: +latitude, lon: +longitude, city, state }));
  const groups = new Map();
  for (const zip of all) {
    const area = zip.state + zip.zip.slice(0, 3);
    groups.set(area, [...(groups.get(area) ?? []), zip]);
  }
  const outlier = (zip) => {
    const group = groups.get(zip.state + zip.zip.slice(0, 3));
    if (group.length < 6 || REMOTE.has(zip.zip)) return false;
    const nearest = group.map((other) => distance(zip, other)).sort((a, b) => a - b);
    return nearest[3] > (zip.state === "AK" ? 800 : 400);
  };
  const rows = all
    .filter((zip) => !outlier(zip) || console.log("far from its neighbours:", zip))
    .sort((a, b) => byText(a.zip, b.zip));
  write("../../reference/data/zips.tsv", ["zip", "lat", "lon", "city", "state"], rows.map((zip) => [zip.zip, zip.lat, zip.lon, zip.city, zip.state]));
  return new Map(rows.map((zip) => [zip.zip, zip]));
}

function streets(centroids) {
  const rows = new Map();
  for (const line of readFileSync(join(addresses, "data/addresses-us.jsonl"), "utf8").trimEnd().split("\n")) {
    const { address1, city, state, postal_code: zip, coordinates } = JSON.parse(line);
    const point = { lat: coordinates.lat, lon: coordinates.lng };
    const centroid = centroids.get(zip);
    if (!/^\d/.test(address1) || !city || centroid?.state !== state || distance(point, centroid) > 60) continue;
    rows.set(`${address1}\t${zip}`.toLowerCase(), [address1.trim(), city.trim(), state, zip, +point.lat.toFixed(5), +point.lon.toFixed(5)]);
  }
  const sorted = [...rows.values()].sort((a, b) => byText(a[3], b[3]) || byText(a[0], b[0]));
  write("streets.tsv", ["street", "city", "state", "zip", "lat", "lon"], sorted);
}

brands();
streets(zips());
