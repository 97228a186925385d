#include "ssm/parameters.h"
#include "ssm/ssm.h"

namespace skafu::ssm {

namespace {

void add_operations(Service& service, Parameters& parameters) {
    using namespace shape;
    using Method = Json (Parameters::*)(Context&, const Json&);
    const auto add = [&](std::string name, std::vector<Shape::Member> members, Method handler) {
        Operation operation;
        operation.name = std::move(name);
        operation.input = structure(std::move(members));
        service.add(std::move(operation),
                    [&parameters, handler](Context& context, const Json& input) {
                        return (parameters.*handler)(context, input);
                    });
    };
    const Shape::Member name = required("Name", string(1, 2048));
    const Shape::Member names = required("Names", list(string(1, 2048), 1, 10));
    const Shape::Member resource = required("ResourceId", string(1));
    add("PutParameter",
        {name, required("Value", string(1)),
         optional("Type", enumeration({"String", "StringList", "SecureString"})),
         optional("Description", string(0, 1024)), optional("Overwrite", boolean())},
        &Parameters::put);
    add("GetParameter", {name, optional("WithDecryption", boolean())}, &Parameters::get);
    add("GetParameters", {names, optional("WithDecryption", boolean())}, &Parameters::get_many);
    add("GetParametersByPath",
        {required("Path", string(1, 2048)), optional("Recursive", boolean()),
         optional("WithDecryption", boolean()), optional("MaxResults", integer(1, 10))},
        &Parameters::get_by_path);
    add("DescribeParameters", {optional("ParameterFilters", list(any()))}, &Parameters::describe);
    add("GetParameterHistory", {name, optional("WithDecryption", boolean())}, &Parameters::history);
    add("LabelParameterVersion", {name, required("Labels", list(string(1, 100), 1, 10))},
        &Parameters::label);
    add("DeleteParameter", {name}, &Parameters::remove);
    add("DeleteParameters", {names}, &Parameters::remove_many);
    add("AddTagsToResource", {resource, required("Tags", list(any()))}, &Parameters::tags);
    add("RemoveTagsFromResource", {resource, required("TagKeys", list(string()))},
        &Parameters::tags);
    add("ListTagsForResource", {resource}, &Parameters::tags);
}

}  // namespace

void register_ssm(Cloud& cloud) {
    Parameters& parameters = cloud.own(std::make_unique<Parameters>(cloud));
    Service service;
    service.name = "ssm";
    service.protocols = {Protocol::json_1_1};
    service.target_prefix = "AmazonSSM";
    service.sdk_names = {"ssm"};
    service.reset = [&parameters](const Scope* scope) { parameters.reset(scope); };
    service.describe = [&parameters](Service& service) { add_operations(service, parameters); };
    cloud.add_service(std::move(service));
    resources::add_types(cloud);
}

}  // namespace skafu::ssm
