# Importers and exporters of other tools' formats.
set(formats
  formats/collect_schema.cpp
  formats/conll.cpp
  formats/export.cpp
  formats/export_text.cpp
  formats/gold.cpp
  formats/import.cpp
  formats/labels.cpp
  formats/pictures.cpp
  formats/registry.cpp
  formats/text_lines.cpp
  formats/tokens.cpp)
set(formats_tests)
