# Tables of the matcher made at build time: matcher_places.h from the COG, matcher_model.h from the shipped model.

function(sosie_embed_matcher out_sources)
  set(places ${SOSIE_GENERATED_DIR}/matcher_places.h)
  set(model ${SOSIE_GENERATED_DIR}/matcher_model.h)
  set(model_text ${CMAKE_SOURCE_DIR}/matcher/models/french-1.model)
  add_custom_command(
    OUTPUT ${places}
    COMMAND awk -f ${CMAKE_SOURCE_DIR}/matcher/places.awk ${CMAKE_SOURCE_DIR}/fixtures/data/communes_fr.csv > ${places}
    DEPENDS ${CMAKE_SOURCE_DIR}/matcher/places.awk ${CMAKE_SOURCE_DIR}/fixtures/data/communes_fr.csv
    COMMENT "Making the table of birth places"
    VERBATIM)
  add_custom_command(
    OUTPUT ${model}
    COMMAND awk -f ${CMAKE_SOURCE_DIR}/matcher/embed.awk ${model_text} > ${model}
    DEPENDS ${CMAKE_SOURCE_DIR}/matcher/embed.awk ${model_text}
    COMMENT "Embedding the shipped model"
    VERBATIM)
  set(${out_sources} ${places} ${model} PARENT_SCOPE)
endfunction()
