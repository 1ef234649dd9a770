// SPDX-License-Identifier: GPL-2.0-or-later
/** What the examples share: the language of the page, and its words. */

export const language = new URLSearchParams(location.search).get("lang") === "en" ? "en" : "th";

const WORDS = {
  maplibre: {
    th: "แผนที่จากไทล์เวกเตอร์และรูปแบบแผนที่ของระบบ วงกลมที่มีตัวเลขแทนหลายหมุด กดเพื่อซูมเข้า",
    en: "Our vector tiles in our own style. A circle with a number stands for several points; press it to come nearer.",
  },
  leaflet: {
    th: "จุดบริการในกรอบแผนที่ อ่านเป็น GeoJSON ครั้งละไม่เกิน 500 หมุด",
    en: "The service points of the view, read as GeoJSON, at the most 500 at a time.",
  },
  openlayers: {
    th: "ไทล์เวกเตอร์ตามมาตรฐาน OGC API - Tiles บนแนวเขตจังหวัดจาก OGC API - Features",
    en: "Vector tiles by OGC API - Tiles over provinces from OGC API - Features.",
  },
  source: { th: "ดูโค้ดของหน้านี้", en: "The code of this page" },
  credit: { th: "ข้อมูล: ปักหมุด", en: "Data: Pakmud" },
};

export const say = (name) => WORDS[name][language];

/** The name of a feature in the language of the page. */
export const nameOf = (properties) => properties[`name_${language}`] || properties.name_th || properties.name_en || "";

/** Write the words of a page. */
export function begin(name) {
  document.documentElement.lang = language;
  for (const [id, words] of [["about", name], ["source", "source"], ["credit", "credit"]]) {
    document.getElementById(id).textContent = say(words);
  }
  return document.getElementById("map");
}

/** A popup's content as text nodes: names come from people. */
export function card(properties) {
  const box = document.createElement("div");
  const name = document.createElement("a");
  name.className = "name";
  name.href = `/p/${encodeURIComponent(properties.short_code ?? "")}`;
  name.textContent = nameOf(properties);
  box.append(name);
  return box;
}

/** Where a map begins: around the points that there are. */
export async function firstView() {
  const answer = await fetch("/ogc/collections/service-points/items?limit=1000");
  const places = (await answer.json()).features.map((f) => f.geometry?.coordinates).filter(Boolean);
  const [lons, lats] = [places.map((p) => p[0]), places.map((p) => p[1])];
  return [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
}
