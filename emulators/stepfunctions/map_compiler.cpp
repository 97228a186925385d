#include "stepfunctions/state_compiler.h"

namespace skafu::stepfunctions {

void StateCompiler::map(const Place& at) {
    at.state.map = std::make_unique<MapPart>();
    MapPart& part = *at.state.map;
    const bool is_old = find_member(at.json, "ItemProcessor") == nullptr;
    const char* field = is_old ? "Iterator" : "ItemProcessor";
    const Json* processor = find_member(at.json, field);
    if (processor == nullptr) {
        diagnostics_.error("These fields are required: [ItemProcessor]", at.location);
        return;
    }
    const std::string processor_location = at.location + "/" + field;
    check_mode(at, *processor, processor_location);
    const MachineType outer = type_;
    if (part.distributed && part.express_children) type_ = MachineType::express;
    part.processor = list(*processor, processor_location, machine_language_);
    type_ = outer;

    part.label = string_member(at.json, "Label");
    check_label(at);
    const QueryLanguage language = at.state.language;
    if (const Json* items_path = find_member(at.json, "ItemsPath")) {
        part.items_path = path(*items_path, at.location + "/ItemsPath");
    }
    part.items = payload(at, "Items");
    // `Parameters` is the old name of ItemSelector: it makes each item, not the state's input.
    const bool has_selector = find_member(at.json, "ItemSelector") != nullptr;
    part.item_selector_name = has_selector ? "ItemSelector" : "Parameters";
    part.item_selector = payload(at, part.item_selector_name.c_str());
    at.state.parameters.reset();
    part.max_concurrency = setting(at.json, "MaxConcurrency", at.location, language);
    part.tolerated_count = setting(at.json, "ToleratedFailureCount", at.location, language);
    part.tolerated_percentage =
        setting(at.json, "ToleratedFailurePercentage", at.location, language);
    if (const Json* json = find_member(at.json, "ItemReader")) reader(at, *json);
    if (const Json* json = find_member(at.json, "ItemBatcher")) batcher(at, *json);
    if (const Json* json = find_member(at.json, "ResultWriter")) writer(at, *json);
}

void StateCompiler::check_mode(const Place& at, const Json& processor,
                               const std::string& location) {
    MapPart& part = *at.state.map;
    if (const Json* config = find_member(processor, "ProcessorConfig")) {
        const std::string here = location + "/ProcessorConfig";
        check_known(*config, {"Mode", "ExecutionType"}, here);
        check_one_of(*config, "Mode", {"INLINE", "DISTRIBUTED"}, here);
        check_one_of(*config, "ExecutionType", {"STANDARD", "EXPRESS"}, here);
        part.distributed = string_member(*config, "Mode") == "DISTRIBUTED";
        part.express_children = string_member(*config, "ExecutionType") == "EXPRESS";
    }
    if (part.distributed) {
        if (type_ != MachineType::express) return;
        refuse("Express state machine does not support Map states in DISTRIBUTED mode",
               at.location);
        return;
    }
    for (const char* field : {"ItemReader", "ItemBatcher", "ResultWriter", "Label"}) {
        if (find_member(at.json, field) == nullptr) continue;
        refuse(fmt::format("Field '{}' is only supported in DISTRIBUTED mode", field), at.location);
    }
}

void StateCompiler::check_label(const Place& at) {
    const std::string& label = at.state.map->label;
    if (label.empty()) return;
    constexpr std::size_t kLongest = 40;
    constexpr std::string_view kRefused = "?*<>{}[]:;,\\|^~$#%&`\"/";
    const bool is_valid =
        label.size() <= kLongest && std::none_of(label.begin(), label.end(), [&](char c) {
            const auto code = static_cast<unsigned char>(c);
            return code <= 0x20 || code == 0x7f || kRefused.find(c) != std::string_view::npos;
        });
    const std::string place = at.location + "/Label";
    if (!is_valid) refuse("Invalid label: " + label, place, "INVALID_LABEL_NAME");
    if (!labels_.insert(label).second) {
        refuse("Duplicate label: " + label, place, "DUPLICATE_LABEL_NAME");
    }
}

void StateCompiler::reader(const Place& at, const Json& json) {
    const std::string location = at.location + "/ItemReader";
    ReaderPart& part = at.state.map->reader.emplace();
    const Json* resource = find_member(json, "Resource");
    if (resource == nullptr || !resource->is_string()) {
        diagnostics_.error("These fields are required: [Resource]", location);
        return;
    }
    // Readers go through S3's own operations; there is no optimised integration of that name.
    const std::string text = resource->get<std::string>();
    constexpr std::string_view kReader = "arn:aws:states:::s3:";
    const std::vector<std::string> readers{std::string(kReader) + "getObject",
                                           std::string(kReader) + "listObjectsV2"};
    if (std::find(readers.begin(), readers.end(), text) == readers.end()) {
        diagnostics_.error("The resource provided " + text +
                               " is not recognized. The value is not a valid resource ARN, or the "
                               "resource is not available in this region.",
                           location + "/Resource", nearest_hint(text, readers));
        return;
    }
    const std::string sdk = "arn:aws:states:::aws-sdk:s3:" + text.substr(kReader.size());
    if (auto found = integration(Json(sdk), location + "/Resource")) {
        part.integration = std::move(*found);
    }
    const char* field = at.state.is_jsonata() ? "Arguments" : "Parameters";
    check_known(json, {"Resource", "ReaderConfig", field}, location);
    if (const Json* parameters = find_member(json, field)) {
        part.parameters =
            Template::compile(*parameters, at.state.language, location + "/" + field, diagnostics_);
    }
    if (const Json* config = find_member(json, "ReaderConfig")) {
        reader_config(part, *config, location + "/ReaderConfig", at.state.language);
    }
}

void StateCompiler::reader_config(ReaderPart& part, const Json& config, const std::string& location,
                                  QueryLanguage language) {
    check_known(config,
                {"InputType", "Transformation", "ManifestType", "CSVHeaderLocation", "CSVHeaders",
                 "CSVDelimiter", "ItemsPointer", "MaxItems", "MaxItemsPath"},
                location);
    const std::vector<std::string> types{"CSV", "JSON", "JSONL", "MANIFEST"};
    check_one_of(config, "InputType", types, location);
    check_one_of(config, "Transformation", {"NONE", "LOAD_AND_FLATTEN"}, location);
    check_one_of(config, "ManifestType", {"S3_INVENTORY", "ATHENA_DATA"}, location);
    check_one_of(config, "CSVHeaderLocation", {"FIRST_ROW", "GIVEN"}, location);
    check_one_of(config, "CSVDelimiter", {"COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB"}, location);
    part.input_type = string_member(config, "InputType");
    part.manifest_type = string_member(config, "ManifestType");
    part.headers_given = string_member(config, "CSVHeaderLocation") == "GIVEN";
    part.items_pointer = string_member(config, "ItemsPointer");
    part.loads_objects = string_member(config, "Transformation") == "LOAD_AND_FLATTEN";
    if (part.loads_objects && part.input_type.empty()) {
        refuse("The field 'InputType' is required but was missing", location);
    }
    const std::string delimiter = string_member(config, "CSVDelimiter", "COMMA");
    part.delimiter = delimiter == "PIPE"        ? "|"
                     : delimiter == "SEMICOLON" ? ";"
                     : delimiter == "SPACE"     ? " "
                     : delimiter == "TAB"       ? "\t"
                                                : ",";
    if (const Json* headers = find_member(config, "CSVHeaders"); headers && headers->is_array()) {
        for (const Json& header : *headers) {
            part.headers.push_back(header.is_string() ? header.get<std::string>()
                                                      : to_text(header));
        }
    }
    part.max_items = setting(config, "MaxItems", location, language);
}

void StateCompiler::batcher(const Place& at, const Json& json) {
    const std::string location = at.location + "/ItemBatcher";
    BatcherPart& part = at.state.map->batcher.emplace();
    std::vector<std::string> known{"MaxItemsPerBatch", "MaxInputBytesPerBatch", "BatchInput"};
    if (!at.state.is_jsonata()) {
        known.insert(known.end(), {"MaxItemsPerBatchPath", "MaxInputBytesPerBatchPath"});
    }
    check_known(json, known, location);
    part.max_items = setting(json, "MaxItemsPerBatch", location, at.state.language);
    part.max_bytes = setting(json, "MaxInputBytesPerBatch", location, at.state.language);
    if (const Json* input = find_member(json, "BatchInput")) {
        part.batch_input =
            Template::compile(*input, at.state.language, location + "/BatchInput", diagnostics_);
    }
}

void StateCompiler::writer(const Place& at, const Json& json) {
    const std::string location = at.location + "/ResultWriter";
    WriterPart& part = at.state.map->writer.emplace();
    const char* field = at.state.is_jsonata() ? "Arguments" : "Parameters";
    check_known(json, {"Resource", "WriterConfig", field}, location);
    check_one_of(json, "Resource", {"arn:aws:states:::s3:putObject"}, location);
    if (const Json* parameters = find_member(json, field)) {
        part.parameters =
            Template::compile(*parameters, at.state.language, location + "/" + field, diagnostics_);
    }
    if (find_member(json, "Resource") != nullptr) {
        const Json put("arn:aws:states:::aws-sdk:s3:putObject");
        if (auto found = integration(put, location + "/Resource")) {
            part.integration = std::move(*found);
        }
    }
    if (const Json* config = find_member(json, "WriterConfig")) {
        const std::string here = location + "/WriterConfig";
        check_known(*config, {"Transformation", "OutputType"}, here);
        check_one_of(*config, "Transformation", {"NONE", "COMPACT", "FLATTEN"}, here);
        check_one_of(*config, "OutputType", {"JSON", "JSONL"}, here);
        part.transformation = string_member(*config, "Transformation");
        part.output_type = string_member(*config, "OutputType");
    }
}

}  // namespace skafu::stepfunctions
