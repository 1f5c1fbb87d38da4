/* Codes of other rooms in words, by the name that they give them; see texts.h. */
#include "web/texts.h"

#include "base/error.h"
#include "identity/identity.h"

/* Queues, DESIGN.md section 5. */
static const struct code_text kinds[] = {
    {"possible-match", {"Rapprochement possible", "Possible match"}},
    {"duplicate", {"Doublon", "Duplicate"}},
    {"collision", {"Collision", "Collision"}},
    {"ins-conflict", {"Conflit d’INS", "INS conflict"}},
    {"trait-divergence", {"Traits divergents", "Trait divergence"}},
    {"nir-incoherent", {"NIR incohérent", "Incoherent NIR"}},
    {"homonym", {"Homonymes", "Homonyms"}},
    {"identity-theft", {"Usurpation", "Identity theft"}},
    {"doubtful", {"Identité douteuse", "Doubtful identity"}},
    {"provisional-old", {"Provisoire ancienne", "Old provisional identity"}},
    {"unproven-status", {"Statut non prouvé", "Unproven status"}},
    {"ins-verification", {"Vérification d’INS", "INS verification"}},
    {"incomplete-search", {"Recherche incomplète", "Incomplete search"}},
    {"merge-conflict", {"Fusion contestée", "Merge conflict"}},
    {"dead-letter", {"Message rejeté", "Dead letter"}},
    {NULL, {NULL, NULL}},
};

static const struct code_text states[] = {
    {"open", {"ouverte", "open"}},
    {"assigned", {"assignée", "assigned"}},
    {"waiting", {"attend l’établissement", "waiting for the establishment"}},
    {"resolved", {"résolue", "resolved"}},
    {"reopened", {"rouverte", "reopened"}},
    {NULL, {NULL, NULL}},
};

static const struct code_text outcomes[] = {
    {"link", {"Lier : c’est la même personne", "Link: the same person"}},
    {"different", {"Ce ne sont pas la même personne", "Not the same person"}},
    {"ask-merge", {"Demander la fusion à l’établissement", "Ask the establishment to merge"}},
    {"doubtful", {"Marquer l’identité douteuse", "Mark the identity doubtful"}},
    {"accept-correction", {"Accepter : même personne, corrigée", "Accept: the same person, corrected"}},
    {"accept-other", {"Accepter : l’identifiant est à une autre personne", "Accept: the identifier is another person’s now"}},
    {"reject", {"Écarter ce qui est arrivé", "Reject what came in"}},
    {"apply-merge", {"Faire la fusion retenue", "Do the held merge"}},
    {"dismiss", {"Vu, rien à faire", "Seen, nothing to do"}},
    {"assign", {"Assigner", "Assign"}},
    {"wait", {"Mettre en attente de l’établissement", "Wait for the establishment"}},
    {"comment", {"Commenter", "Comment"}},
    {"reopen", {"Rouvrir", "Reopen"}},
    {"undo", {"Annuler la dernière décision", "Undo the last decision"}},
    {NULL, {NULL, NULL}},
};

/* What an outcome does, in a sentence. */
static const struct code_text hints[] = {
    {"link", {"Les deux rejoignent une seule personne.", "Both join one person."}},
    {"different",
     {"Aucun score ne les rapprochera plus ; un lien entre eux est défait.",
      "No score will bring them together again; a link between them is undone."}},
    {"ask-merge",
     {"La fusion est l’acte de l’établissement ; la tâche l’attend.",
      "To merge is the establishment’s act; the task waits for it."}},
    {"doubtful",
     {"L’identité reste, ne qualifie plus rien et n’est plus liée automatiquement.",
      "The identity stays, proves nothing and is no longer linked by itself."}},
    {"accept-correction", {"La nouvelle version est servie ; les liens restent.", "The new version is served; links stay."}},
    {"accept-other",
     {"La nouvelle version est servie ; l’enregistrement quitte sa personne.",
      "The new version is served; the record leaves its person."}},
    {"reject", {"La version de confiance reste servie.", "The trusted version goes on being served."}},
    {"apply-merge", {"La fusion reçue est faite.", "The merge received is done."}},
    {"dismiss", {"La tâche est close, rien d’autre ne change.", "The task is closed, nothing else changes."}},
    {"undo", {"L’état d’avant revient, la tâche avec lui.", "The former state comes back, and the task with it."}},
    {"reopen", {"La tâche revient dans la file.", "The task goes back to the queue."}},
    {"assign", {"Une personne s’en charge.", "Someone takes charge of it."}},
    {"wait", {"L’établissement a été interrogé.", "The establishment was asked."}},
    {"comment", {"Une note dans l’historique.", "A note in the history."}},
    {NULL, {NULL, NULL}},
};

/* What the history says happened: outcomes in the past, and what the engine does by itself. */
static const struct code_text acts[] = {
    {"open", {"tâche ouverte", "task opened"}},
    {"opened", {"tâche ouverte", "task opened"}},
    {"auto-link", {"liés par le moteur", "linked by the engine"}},
    {"auto-unlink", {"séparés par le moteur", "separated by the engine"}},
    {"declared-link", {"liés par déclaration", "linked by declaration"}},
    {"merge", {"fusionnés par leur domaine", "merged by their domain"}},
    {"separate", {"séparés par leur domaine (A37)", "separated by their domain (A37)"}},
    {"again", {"la cause est revenue", "its cause came again"}},
    {"repeated", {"la cause est revenue", "its cause came again"}},
    {"close", {"tâche close", "task closed"}},
    {"closed", {"tâche close", "task closed"}},
    {"resolved", {"tâche résolue", "task resolved"}},
    {"link", {"liés, même personne", "linked, the same person"}},
    {"different", {"séparés, pas la même personne", "separated, not the same person"}},
    {"ask-merge", {"fusion demandée à l’établissement", "merge asked of the establishment"}},
    {"doubtful", {"identité marquée douteuse", "identity marked doubtful"}},
    {"accept-correction", {"version acceptée, même personne", "version accepted, same person"}},
    {"accept-other", {"version acceptée, autre personne", "version accepted, another person"}},
    {"reject", {"écarté", "rejected"}},
    {"apply-merge", {"fusion faite", "merge done"}},
    {"dismiss", {"vu, rien à faire", "seen, nothing to do"}},
    {"assign", {"assignée", "assigned"}},
    {"wait", {"mise en attente", "set to wait"}},
    {"comment", {"commentaire", "comment"}},
    {"reopen", {"rouverte", "reopened"}},
    {"reopened", {"rouverte", "reopened"}},
    {"replay-possible",
     {"un rejeu est possible : l’identifiant attendu est arrivé", "a replay is possible: the awaited identifier arrived"}},
    {"undo", {"décision annulée", "decision undone"}},
    {"replay", {"rejoué", "replayed"}},
    {NULL, {NULL, NULL}},
};

/* RNIV statuses, identity-france.md 4.2. */
static const struct code_text statuses[] = {
    {"provisional", {"provisoire", "provisional"}},
    {"retrieved", {"récupérée", "retrieved"}},
    {"validated", {"validée", "validated"}},
    {"qualified", {"qualifiée", "qualified"}},
    {NULL, {NULL, NULL}},
};

/* The rule that spoke, DESIGN.md section 2. */
static const struct code_text rules[] = {
    {"score",
     {"Aucune règle particulière : c’est la probabilité qui a placé la paire ici.",
      "No rule of its own: the probability put the pair here."}},
    {"same-ins",
     {"Même INS, deux identités qualifiées, traits stricts concordants.", "Same INS, both qualified, strict traits agreeing."}},
    {"same-ins-conflict",
     {"Même INS, mais les traits stricts se contredisent ou une séparation a été décidée : jamais de lien automatique.",
      "Same INS, but the strict traits disagree or a separation was decided: never an automatic link."}},
    {"negative-link",
     {"Une décision antérieure dit que ce sont deux personnes différentes.",
      "An earlier decision says that they are two different people."}},
    {"different-ins",
     {"Deux INS valides et différents, chacun cohérent avec son porteur.",
      "Two different valid INS, each consistent with its holder."}},
    {"multiple-birth",
     {"Naissance multiple : même jour, même nom, même lieu, mais un autre rang ou d’autres prénoms.",
      "Multiple birth: same day, name and place, but another birth order or other given names."}},
    {"father-son",
     {"Même nom et quatorze ans d’écart ou plus : parent et enfant plutôt qu’une personne.",
      "Same name and fourteen years apart or more: parent and child rather than one person."}},
    {"other-sex", {"Sexes différents, avec des prénoms qui leur correspondent.", "Other sex, with given names to match."}},
    {"no-real-name", {"Nouveau-né ou patient inconnu, sans nom réel.", "Newborn or unknown patient, without a real name."}},
    {"fictitious", {"L’une des identités est fictive.", "One of the identities is fictitious."}},
    {"doubtful", {"L’une des identités est douteuse.", "One of the identities is doubtful."}},
    {"hidden", {"L’une des identités est cachée ou protégée.", "One of the identities is hidden or protected."}},
    {"restricted", {"L’une des identités est sous limitation.", "One of the identities is restricted."}},
    {"same-domain",
     {"Deux identifiants du même domaine : un doublon, que ce domaine seul peut fusionner.",
      "Two identifiers of the same domain: a duplicate, which only that domain may merge."}},
    {"domain-policy",
     {"La politique d’un des domaines ne permet pas de lien automatique.",
      "The policy of one of the domains allows no automatic link."}},
    {"too-large",
     {"La personne compte déjà trop d’enregistrements pour un lien automatique.",
      "The person already has too many records for an automatic link."}},
    {"merge-held: negative-link",
     {"Fusion retenue : une décision dit que ce sont deux personnes différentes.",
      "Merge held: a decision says that they are two different people."}},
    {"merge-held: different-ins",
     {"Fusion retenue : les deux identifiants ont deux INS valides et différents.",
      "Merge held: the two identifiers have two different valid INS."}},
    {"merged-elsewhere", {"L’identifiant était déjà fusionné avec un autre.", "The identifier was already merged into another."}},
    {"qualified-loser",
     {"Une identité qualifiée a été fusionnée dans une autre qui ne l’est pas.",
      "A qualified identity was merged into one that is not."}},
    {"ins-replaced",
     {"L’INS a été remplacé ; un autre enregistrement porte encore l’ancien.",
      "The INS was replaced; another record still holds the old one."}},
    {"second-ins",
     {"Un second INS arrive pour une identité qui en porte déjà un.",
      "A second INS comes for an identity that holds one already."}},
    {"ins-authority-unknown",
     {"L’INS ne dit pas de quelle autorité il vient : il n’est pas conservé.",
      "The INS does not say which authority it comes from: it is not kept."}},
    {"ins-oid-not-accepted",
     {"L’OID de l’INS n’est pas de ceux acceptés ici (production ou test).",
      "The OID of the INS is not one accepted here (production or test)."}},
    {"ins-invalid",
     {"La clé ou la forme de l’INS est fausse : il n’est pas conservé.", "The key or form of the INS is wrong: it is not kept."}},
    {"merge-contradicting-traits",
     {"La fusion reçue est faite, mais les traits des deux identités se contredisent.",
      "The merge received is done, but the traits of the two identities contradict each other."}},
    {"hot-key",
     {"Trop d’identités partagent les mêmes traits : la recherche n’a pas pu tout lire.",
      "Too many identities share these traits: the search could not read them all."}},
    {"claim-above-proof",
     {"Le statut annoncé dépasse ce que le message prouve.", "The status claimed is above what the message proves."}},
    {"nir-other-holder",
     {"Le NIR contredit les traits : c’est sans doute celui d’un parent.",
      "The NIR contradicts the traits: it is probably a parent’s."}},
    {"declared-by-sender", {"L’établissement l’a signalé lui-même.", "The sender itself declared it."}},
    {"other-traits",
     {"Sous cet identifiant arrivent les traits d’une autre personne.",
      "Under this identifier come the traits of another person."}},
    {"late-message",
     {"Un message rejoué arrive après d’autres sur le même identifiant : il ne les écrase pas.",
      "A message replayed came after others about the same identifier: it does not overwrite them."}},
    {"sequence", {"Un segment manque ou n’est pas à sa place.", "A segment is missing or out of order."}},
    {"missing", {"Une valeur obligatoire manque.", "A required value is absent."}},
    {"type", {"Une valeur est mal formée.", "A value is malformed."}},
    {"table", {"Un code n’est pas dans sa table.", "A code is not in its table."}},
    {"unsupported-message", {"Ce type de message n’est pas traité.", "This type of message is not supported."}},
    {"unsupported-event", {"Cet événement n’est pas traité.", "This event is not supported."}},
    {"unsupported-processing", {"Cet identifiant de traitement n’est pas accepté.", "This processing ID is not accepted."}},
    {"unsupported-version", {"Cette version de HL7 n’est pas acceptée.", "This version of HL7 is not accepted."}},
    {"unknown",
     {"Le message nomme un identifiant ou un domaine inconnu ici.",
      "The message names an identifier or a domain that is not known here."}},
    {"duplicate",
     {"L’identifiant appartient déjà à un autre enregistrement.", "The identifier belongs to another record already."}},
    {"forbidden", {"Cet émetteur n’a pas le droit de faire cela.", "This sender may not do that."}},
    {"rule", {"Une règle d’identité s’y oppose.", "A rule of identity refuses it."}},
    {"limit", {"Le message est trop grand, ou l’une de ses parties.", "The message, or a part of it, is too large."}},
    {"internal", {"Une erreur interne est survenue.", "An internal error occurred."}},
    {NULL, {NULL, NULL}},
};

/* Fields of the matcher's reasons. */
static const struct code_text fields[] = {
    {"name", {"Nom", "Family name"}},
    {"given", {"Prénoms", "Given names"}},
    {"birth-date", {"Date de naissance", "Birth date"}},
    {"birth_date", {"Date de naissance", "Birth date"}},
    {"sex", {"Sexe", "Sex"}},
    {"birth-place", {"Lieu de naissance", "Birth place"}},
    {"birth_place", {"Lieu de naissance", "Birth place"}},
    {"ins", {"INS", "INS"}},
    {"household", {"Foyer (adresse, téléphone, mère)", "Household (address, telephone, mother)"}},
    {NULL, {NULL, NULL}},
};

/* Agreement levels, by the words of the matcher; a unit test holds them against its table. */
static const struct code_text levels[] = {
    {"missing", {"absent d’un côté au moins", "missing on one side at least"}},
    {"not known on both sides", {"absent d’un côté au moins", "not known on both sides"}},
    {"same birth name", {"même nom de naissance", "same birth name"}},
    {"birth names that sound alike, close spelling",
     {"noms de naissance qui se prononcent de même, écriture proche", "birth names that sound alike, close spelling"}},
    {"birth name of one is the used name of the other",
     {"le nom de naissance de l’un est le nom utilisé de l’autre", "birth name of one is the used name of the other"}},
    {"birth names one letter apart or much alike",
     {"noms de naissance à une lettre près ou très proches", "birth names one letter apart or much alike"}},
    {"one birth name is part of the other",
     {"un nom de naissance est contenu dans l’autre", "one birth name is part of the other"}},
    {"birth and used names alike", {"nom de naissance et nom utilisé proches", "birth and used names alike"}},
    {"family and given name exchanged", {"nom et prénom inversés", "family and given name exchanged"}},
    {"birth names somewhat alike", {"noms de naissance assez proches", "birth names somewhat alike"}},
    {"different names", {"noms différents", "different names"}},
    {"same first given name", {"même premier prénom", "same first given name"}},
    {"one given name begins the other", {"un prénom est le début de l’autre", "one given name begins the other"}},
    {"given names that sound alike", {"prénoms qui se prononcent de même", "given names that sound alike"}},
    {"variants of one given name", {"variantes d’un même prénom", "variants of one given name"}},
    {"given names one letter apart or much alike, one unusual",
     {"prénoms à une lettre près ou très proches, l’un rare", "given names one letter apart or much alike, one unusual"}},
    {"first given name of one is another given name of the other",
     {"le premier prénom de l’un est un autre prénom de l’autre", "first given name of one is another given name of the other"}},
    {"initial of the given name", {"initiale du prénom", "initial of the given name"}},
    {"two usual given names that differ little",
     {"deux prénoms courants peu différents", "two usual given names that differ little"}},
    {"given names somewhat alike", {"prénoms assez proches", "given names somewhat alike"}},
    {"exchanged with the family name", {"inversé avec le nom", "exchanged with the family name"}},
    {"different given names", {"prénoms différents", "different given names"}},
    {"two different usual given names", {"deux prénoms courants différents", "two different usual given names"}},
    {"same birth date", {"même date de naissance", "same birth date"}},
    {"same birth date, day by convention", {"même date de naissance, jour par convention", "same birth date, day by convention"}},
    {"day and month exchanged", {"jour et mois inversés", "day and month exchanged"}},
    {"one figure of the birth date differs", {"un chiffre de la date diffère", "one figure of the birth date differs"}},
    {"same year and month, day not known", {"même mois et même année, jour inconnu", "same year and month, day not known"}},
    {"same year, month and day not known", {"même année, mois et jour inconnus", "same year, month and day not known"}},
    {"same day and month, year 1, 10 or 100 apart",
     {"même jour et même mois, 1, 10 ou 100 ans d’écart", "same day and month, year 1, 10 or 100 apart"}},
    {"same year and month", {"même mois et même année", "same year and month"}},
    {"same year only", {"même année seulement", "same year only"}},
    {"different birth dates", {"dates de naissance différentes", "different birth dates"}},
    {"same sex", {"même sexe", "same sex"}},
    {"same sex, as the given name says", {"même sexe, comme le dit le prénom", "same sex, as the given name says"}},
    {"different sex in spite of the given name", {"sexe différent malgré le prénom", "different sex in spite of the given name"}},
    {"different sex", {"sexe différent", "different sex"}},
    {"same birth place", {"même lieu de naissance", "same birth place"}},
    {"same birth place under another code", {"même lieu de naissance sous un autre code", "same birth place under another code"}},
    {"same country of birth", {"même pays de naissance", "same country of birth"}},
    {"a postcode, it seems, in the department of the birth place",
     {"un code postal, semble-t-il, du département de naissance", "a postcode, it seems, in the department of the birth place"}},
    {"birth places of one department", {"lieux de naissance d’un même département", "birth places of one department"}},
    {"different birth places", {"lieux de naissance différents", "different birth places"}},
    {"same INS", {"même INS", "same INS"}},
    {"same INS, which is another person's",
     {"même INS, qui est celui d’une autre personne", "same INS, which is another person’s"}},
    {"INS one figure apart, not valid", {"INS à un chiffre près, non valide", "INS one figure apart, not valid"}},
    {"different INS that prove nothing", {"INS différents, qui ne prouvent rien", "different INS that prove nothing"}},
    {"two different valid INS", {"deux INS valides et différents", "two different valid INS"}},
    {"same household", {"même foyer", "same household"}},
    {"same telephone, mail or mother", {"même téléphone, courriel ou mère", "same telephone, mail or mother"}},
    {"same address", {"même adresse", "same address"}},
    {"same postcode", {"même code postal", "same postcode"}},
    {"another postcode", {"autre code postal", "another postcode"}},
    {"mothers of different names", {"mères de noms différents", "mothers of different names"}},
    {NULL, {NULL, NULL}},
};

static const struct code_text links[] = {
    {"own", {"première de la personne", "first of the person"}},
    {"score", {"lié par le moteur", "linked by the engine"}},
    {"declared", {"lié par déclaration", "linked by declaration"}},
    {"decision", {"lié par décision", "linked by decision"}},
    {NULL, {NULL, NULL}},
};

const struct code_text *code_rows(enum code_table table) {
    static const struct code_text *const tables[CODE_TABLE_COUNT] = {
        [CODE_KIND] = kinds,      [CODE_STATE] = states, [CODE_OUTCOME] = outcomes, [CODE_ACT] = acts,
        [CODE_STATUS] = statuses, [CODE_RULE] = rules,   [CODE_FIELD] = fields,     [CODE_LEVEL] = levels,
        [CODE_LINK] = links,      [CODE_HINT] = hints,   [CODE_SAID] = sayings,
    };
    must(table < CODE_TABLE_COUNT);
    return tables[table];
}

struct span code_in(enum lang lang, enum code_table table, struct span code) {
    for (const struct code_text *row = code_rows(table); row->code; row++) {
        if (span_eq_cstr(code, row->code))
            return span_of(row->text[lang]);
    }
    return code;
}

/* PID-32 attributes, table 0445 FR. */
static const struct {
    uint32_t bit;
    const char *text[LANG_COUNT];
} attributes[] = {
    {ATTRIBUTE_HOMONYM, {"homonyme", "homonym"}},
    {ATTRIBUTE_DOUBTFUL, {"douteuse", "doubtful"}},
    {ATTRIBUTE_FICTITIOUS, {"fictive", "fictitious"}},
    {ATTRIBUTE_HIDDEN, {"cachée", "hidden"}},
    {ATTRIBUTE_ANONYMOUS, {"anonyme", "anonymous"}},
    {ATTRIBUTE_POTENTIAL_DUPLICATE, {"doublon potentiel", "potential duplicate"}},
    {ATTRIBUTE_POTENTIAL_COLLISION, {"collision potentielle", "potential collision"}},
    {ATTRIBUTE_CONFIRMED_COLLISION, {"collision avérée", "confirmed collision"}},
    {ATTRIBUTE_IDENTITY_THEFT, {"usurpation", "identity theft"}},
    {ATTRIBUTE_DEACTIVATED, {"désactivée", "deactivated"}},
    {ATTRIBUTE_PROTECTED, {"protégée", "protected"}},
    {ATTRIBUTE_INVALIDATED, {"invalidée", "invalidated"}},
    {ATTRIBUTE_RESTRICTED, {"limitée", "restricted"}},
};

struct span attribute_in(enum lang lang, uint32_t bit) {
    for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
        if (attributes[i].bit == bit)
            return span_of(attributes[i].text[lang]);
    }
    return SPAN_ABSENT;
}
