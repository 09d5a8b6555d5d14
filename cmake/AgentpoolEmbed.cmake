# Files that a program carries in itself. Included, it declares agentpool_embed; run as a script
# (-D folder=… -D output=…), it writes the source that holds them.

# agentpool_embed(<target> <folder>): the target gets page_files() of tools/serve/page_files.hpp
# with the folder's files, written anew at build time when one of them changes.
function(agentpool_embed target folder)
  if(NOT TARGET ${target})
    return()
  endif()
  file(GLOB files CONFIGURE_DEPENDS ${folder}/*)
  set(output ${PROJECT_BINARY_DIR}/generated/page_files.cpp)
  set(script ${PROJECT_SOURCE_DIR}/cmake/AgentpoolEmbed.cmake)
  add_custom_command(OUTPUT ${output} VERBATIM
    COMMAND ${CMAKE_COMMAND} -D folder=${folder} -D output=${output} -P ${script}
    DEPENDS ${files} ${script}
    COMMENT "Embedding ${folder}")
  target_sources(${target} PRIVATE ${output})
endfunction()

if(NOT CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
  return()
endif()

# Every byte as \xNN, a line of source for each 32 of them: that is text for any compiler.
string(REPEAT "." 64 line_of_digits)
file(GLOB files ${folder}/*)
set(rows "")
foreach(file IN LISTS files)
  get_filename_component(name ${file} NAME)
  file(SHA256 ${file} digest)
  file(READ ${file} digits HEX)
  string(LENGTH "${digits}" count)
  math(EXPR count "${count} / 2")
  string(REGEX REPLACE "(${line_of_digits})" "\\1\"\n     \"" digits "${digits}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" digits "${digits}")
  string(APPEND rows
    "    {\"${name}\", \"\\\"${digest}\\\"\",\n     {\"${digits}\", ${count}}},\n")
endforeach()
file(WRITE ${output} "// Made by cmake/AgentpoolEmbed.cmake.
#include \"tools/serve/page_files.hpp\"

namespace agentpool::tools {

std::span<const page_file> page_files() {
  static constexpr page_file files[] = {
${rows}  };
  return files;
}

}  // namespace agentpool::tools
")
