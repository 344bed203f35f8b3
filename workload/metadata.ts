import { type Check, entries } from "../validation/shape";
import { pattern, text } from "../validation/values";

const SUBDOMAIN = "[a-z0-9]([-a-z0-9.]*[a-z0-9])?";

/** The name of an object that is there already, such as a Secret: a DNS subdomain. */
export const objectName: Check = pattern(new RegExp(`^(?=.{1,253}$)${SUBDOMAIN}$`), "the name of a Kubernetes object");

const key: Check = pattern(
  new RegExp(`^((?=[^/]{1,253}/)${SUBDOMAIN}/)?(?=[^/]{1,63}$)[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$`),
  "a name such as team or example.com/team",
);

const labelValue: Check = pattern(/^(?=.{0,63}$)([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/, "a text of at most 63 letters, digits, '-', '_' and '.'");

const annotationValue: Check = (value, findings) => {
  if (value !== "") {
    text("a text")(value, findings);
  }
};

/** The check of labels, or of a selector of labels. */
export const labelsCheck: Check = entries("an object of texts by label names", labelValue, key);

/** The check of annotations. */
export const annotationsCheck: Check = entries("an object of texts by annotation names", annotationValue, key);

/** The labels by which a version's pods are told from all others. */
const OURS = ["app", "version"];

/** The check of labels for pods, which leaves ours alone. */
export const podLabelsCheck: Check = entries("an object of texts by label names", labelValue, (name, findings) => {
  if (OURS.includes(name as string)) {
    findings.add("is CanaryApp's own label", "another name is needed: the Service and the subsets select pods by app and version");
  } else {
    key(name, findings);
  }
});
