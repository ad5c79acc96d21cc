#include "data/formats/conll.h"
#include "data/formats/export.h"
#include "data/formats/exporters.h"
#include "data/formats/import.h"
#include "data/formats/importers.h"

namespace reamo::data {

const std::vector<ImportFormat>& import_formats() {
  static const std::vector<ImportFormat> formats{
      {"conll",
       "a token and a BIO tag a line: CoNLL-2003, WNUT17, CrossNER, Twitter-2015/17",
       {".conll", ".txt", ".bio", ".iob", ".annotated"},
       &import_conll},
      {"conll04",
       "CoNLL04: JSON of tokens, entities and relations, or the columns of its source",
       {".json", ".txt"},
       &import_conll04},
      {"brat", "brat: .ann beside .txt", {".ann"}, &import_brat},
      {"mnre", "MNRE: a Python dictionary a line", {".txt"}, &import_mnre},
      {"geneva", "GENEVA: the form of OneIE without entity types", {".json", ".jsonl"}, &import_oneie},
      {"oneie", "OneIE (ACE, ERE): a JSON object a line", {".json", ".jsonl"}, &import_oneie},
      {"phee", "PHEE: events with parts inside arguments", {".json", ".jsonl"}, &import_phee},
      {"casie", "CASIE: a JSON file a text", {".json"}, &import_casie},
      {"tacred", "TACRED: JSON of sentences with one pair", {".json"}, &import_tacred},
      {"coco", "COCO instances and captions, joined by picture", {".json"}, &import_coco},
      {"coco-panoptic", "COCO panoptic JSON with its PNG", {".json"}, &import_coco_panoptic},
      {"voc", "PASCAL VOC: an XML file a picture", {".xml"}, &import_voc},
      {"cvat", "CVAT for images 1.1: boxes, polygons, masks", {".xml"}, &import_cvat},
      {"vrd", "VRD: relations, with objects.json and predicates.json beside", {".json"}, &import_vrd},
      {"imsitu", "imSitu and SWiG: events of pictures", {".json"}, &import_imsitu},
      {"gmner", "GMNER: CoNLL with IMGID, boxes as xml/ID.xml", {".txt", ".conll"}, &import_gmner},
      {"m2e2", "M2E2: events of text and pictures and their links", {".json", ".txt"}, &import_m2e2},
      {"davis", "DAVIS, YouTube-VOS: folders of indexed PNG", {".png"}, &import_davis},
      {"youtube-vis", "YouTube-VIS: masks of every frame", {".json"}, &import_youtube_vis},
      {"tao", "TAO: boxes at annotated frames", {".json"}, &import_tao},
      {"vidsitu", "VidSitu: five events a film", {".json"}, &import_vidsitu},
      {"audiocaps", "AudioCaps: captions of recordings, CSV", {".csv"}, &import_audiocaps},
      {"webvid", "WebVid: captions of films, CSV", {".csv"}, &import_webvid},
      {"cc3m", "Conceptual Captions: captions of pictures, TSV", {".tsv"}, &import_cc3m},
      {"rttm", "RTTM: who speaks when", {".rttm"}, &import_rttm},
      {"textgrid", "Praat TextGrid: words with times", {".textgrid"}, &import_transcripts},
      {"srt", "SubRip subtitles", {".srt"}, &import_transcripts},
      {"webvtt", "WebVTT subtitles", {".vtt"}, &import_transcripts},
  };
  return formats;
}

const std::vector<ExportFormat>& export_formats() {
  static const std::vector<ExportFormat> formats{
      {"conll", "text: entities as BIO", &export_conll},
      {"brat", "text: a .txt and .ann file for each document", &export_brat},
      {"coco", "pictures: COCO instances with compressed masks", &export_coco},
      {"cvat", "pictures: CVAT for images 1.1, masks as runs", &export_cvat},
      {"youtube-vis", "films: YouTube-VIS, a mask for each frame", &export_youtube_vis},
      {"davis", "films: folders of indexed PNG", &export_davis},
      {"rttm", "sound: items with a time as RTTM", &export_rttm},
      {"textgrid", "sound: transcripts as Praat TextGrid", &export_textgrid},
      {"webvtt", "sound: transcripts as WebVTT", &export_webvtt},
      {"label-studio", "everything: Label Studio tasks", &export_label_studio},
  };
  return formats;
}

}  // namespace reamo::data
