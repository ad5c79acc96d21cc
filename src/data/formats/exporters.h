// The exporters; what each leaves out it counts (Export::counts().left_out).
#pragma once

#include "data/formats/export.h"

namespace reamo::data {

// Text: entities. entities.conll in BIO, tokens at white space and at the ends of mentions; of nested
// mentions the longest.
void export_conll(Export& run);
// Text: NAME.txt and NAME.ann for each document: entities, relations, events.
void export_brat(Export& run);
// Pictures: annotations.json with compressed run-length masks.
void export_coco(Export& run);
// Films: annotations.json with a compressed mask for each frame.
void export_youtube_vis(Export& run);
// Films: Annotations/NAME/00000.png, indexed pictures of object numbers, and objects.json with their labels.
void export_davis(Export& run);
// Sound: NAME.rttm, entities and triggers with a time as speakers named by type and mention.
void export_rttm(Export& run);
// Sound: NAME.TextGrid and NAME.vtt from the transcript.
void export_textgrid(Export& run);
void export_webvtt(Export& run);
// tasks.json: Label Studio tasks with text spans, boxes, brush masks, times and relations.
void export_label_studio(Export& run);
// Pictures: annotations.xml, CVAT for images 1.1, masks as runs.
void export_cvat(Export& run);

}  // namespace reamo::data
