// Common coded terms for objects: SNOMED CT codes as DICOM uses them for segments (PS3.16 CID 7150, 7159, 7166, 7199 and
// 7140). A short list to choose from; any other term can be typed.

import type { Code } from "@ringfence/web/instruction";

export type CodePart = "category" | "kind" | "anatomy";

function sct(value: string, meaning: string): Code {
  return { value, scheme: "SCT", meaning };
}

const CATEGORIES: readonly Code[] = [
  sct("123037004", "Anatomical Structure"),
  sct("49755003", "Morphologically Altered Structure"),
  sct("85756007", "Tissue"),
  sct("91720002", "Body Substance"),
  sct("260787004", "Physical object"),
];

const ORGANS: readonly Code[] = [
  sct("23451007", "Adrenal gland"),
  sct("15825003", "Aorta"),
  sct("89837001", "Bladder"),
  sct("12738006", "Brain"),
  sct("76752008", "Breast"),
  sct("11000004", "Caudate nucleus"),
  sct("113305005", "Cerebellum"),
  sct("71854001", "Colon"),
  sct("38848004", "Duodenum"),
  sct("32849002", "Esophagus"),
  sct("28231008", "Gallbladder"),
  sct("80891009", "Heart"),
  sct("5366008", "Hippocampus"),
  sct("64033007", "Kidney"),
  sct("66720007", "Lateral ventricle"),
  sct("10200004", "Liver"),
  sct("39607008", "Lung"),
  sct("59441001", "Lymph node"),
  sct("15776009", "Pancreas"),
  sct("41216001", "Prostate"),
  sct("89278009", "Putamen"),
  sct("34402009", "Rectum"),
  sct("78961009", "Spleen"),
  sct("69695003", "Stomach"),
  sct("69748006", "Thyroid"),
  sct("44567001", "Trachea"),
  sct("35039007", "Uterus"),
];

const FINDINGS: readonly Code[] = [
  sct("367643001", "Cyst"),
  sct("79654002", "Edema"),
  sct("50960005", "Hemorrhage"),
  sct("4147007", "Mass"),
  sct("6574001", "Necrosis"),
  sct("108369006", "Neoplasm"),
  sct("86049000", "Neoplasm, Primary"),
  sct("14799000", "Neoplasm, Secondary"),
  sct("27925004", "Nodule"),
];

const REGIONS: readonly Code[] = [
  sct("113345001", "Abdomen"),
  sct("51185008", "Chest"),
  sct("69536005", "Head"),
  sct("45048000", "Neck"),
  sct("12921003", "Pelvis"),
];

export interface CodeGroup {
  readonly name: string;
  readonly codes: readonly Code[];
}

/** The terms to choose from, by what they say of an object. */
export const COMMON_CODES: Readonly<Record<CodePart, readonly CodeGroup[]>> = {
  category: [{ name: "Category", codes: CATEGORIES }],
  kind: [
    { name: "Findings", codes: FINDINGS },
    { name: "Structures", codes: ORGANS },
  ],
  anatomy: [
    { name: "Regions", codes: REGIONS },
    { name: "Structures", codes: ORGANS },
  ],
};

/** The listed term with this value; undefined for one that was typed. */
export function commonCode(part: CodePart, code: Code): Code | undefined {
  return COMMON_CODES[part]
    .flatMap(({ codes }) => codes)
    .find((entry) => entry.value === code.value && entry.scheme === code.scheme && entry.meaning === code.meaning);
}
