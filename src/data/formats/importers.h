// The importers besides conll; registry.cpp says what each reads.
#pragma once

#include "data/formats/import.h"

namespace reamo::data {

// Text: entities, relations, events.
void import_brat(Import& import);
void import_conll04(Import& import);
void import_mnre(Import& import);
void import_oneie(Import& import);  // also GENEVA
void import_phee(Import& import);
void import_casie(Import& import);
void import_tacred(Import& import);
// Pictures.
void import_coco(Import& import);
void import_coco_panoptic(Import& import);
void import_voc(Import& import);
void import_cvat(Import& import);
void import_vrd(Import& import);
void import_imsitu(Import& import);
// Text and pictures.
void import_gmner(Import& import);
void import_m2e2(Import& import);
// Film.
void import_davis(Import& import);
void import_youtube_vis(Import& import);
void import_tao(Import& import);
void import_vidsitu(Import& import);
// Captions.
void import_audiocaps(Import& import);
void import_webvid(Import& import);
void import_cc3m(Import& import);
// Sound.
void import_rttm(Import& import);
void import_transcripts(Import& import);  // TextGrid, SRT, WebVTT

}  // namespace reamo::data
