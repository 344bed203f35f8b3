import { labelName, labelValue } from "../validation/labels";
import { SUBDOMAIN } from "../validation/names";
import { type Check, entries } from "../validation/shape";
import { pattern, text } from "../validation/values";

/** The name of an existing object, such as a Secret: a DNS subdomain. */
export const objectName: Check = pattern(new RegExp(`^(?=.{1,253}$)${SUBDOMAIN}$`), "the name of a Kubernetes object");

const annotationValue: Check = (value, findings) => {
  if (value !== "") {
    text("a text")(value, findings);
  }
};

/** The check of annotations. */
export const annotationsCheck: Check = entries("an object of texts by annotation names", annotationValue, labelName);

/** The labels that distinguish a version's pods from all others. */
const OURS = ["app", "version"];

/** The check of labels for pods, which must not contain ours. */
export const podLabelsCheck: Check = entries("an object of texts by label names", labelValue, (name, findings) => {
  if (OURS.includes(name as string)) {
    findings.add(
      "is CanaryApp's own label",
      "another name is needed: the Service and the subsets select pods by app and version",
    );
  } else {
    labelName(name, findings);
  }
});
